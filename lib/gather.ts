/** What became of one item of many that were worked on together. */
export type Outcome<T> = PromiseSettledResult<T>;

/**
 * Collects what is asked for while the last batch is at work, and does it as the next one: so that a hundred callers at
 * once cost a few round trips, and one alone waits for nobody. `work` answers for each item by itself; what it throws
 * goes to all of the batch.
 */
export function createGatherer<Item, Answer>(
  work: (items: Item[]) => Promise<Outcome<Answer>[]>,
): (item: Item) => Promise<Answer> {
  type Waiting = { item: Item; answer: PromiseWithResolvers<Answer> };
  let waiting: Waiting[] = [];
  let running = false;

  async function run() {
    running = true;
    // Whoever asks in the same turn comes along.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const outcomes = await work(batch.map(({ item }) => item));
        batch.forEach(({ answer }, index) => pass(outcomes[index], answer));
      } catch (error) {
        for (const { answer } of batch) answer.reject(error);
      }
    }
    running = false;
  }

  return (item) => {
    const answer = Promise.withResolvers<Answer>();
    waiting.push({ item, answer });
    if (!running) void run();
    return answer.promise;
  };
}

function pass<T>(outcome: Outcome<T> | undefined, { resolve, reject }: PromiseWithResolvers<T>) {
  if (outcome?.status === "fulfilled") resolve(outcome.value);
  else reject(outcome?.reason ?? new Error("no answer for an item of a batch"));
}

/** Works on the items in their order, so many of them at once. Does not end before all have; `work` must not throw. */
export async function eachAtOnce<Item>(
  items: Item[],
  atOnceMax: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const lane = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnceMax, items.length) }, lane));
}
