const flightsMax = 4;
const aboardMax = 50;

/**
 * Does for many at once what each asks for alone: whoever asks while four are on their way goes with the next, up to
 * fifty together. A burst then costs a few round trips, and a call that comes alone does not wait.
 */
export function together<Entry, Found>(
  fly: (entries: readonly Entry[]) => Promise<Found[] | undefined>,
): (entry: Entry) => Promise<Found | undefined> {
  const waiting: { entry: Entry; land: (found: Found | undefined) => void }[] = [];
  let flights = 0;

  async function start() {
    const aboard = waiting.splice(0, aboardMax);
    flights++;
    const found = await fly(aboard.map(({ entry }) => entry)).catch(() => undefined);
    flights--;
    if (waiting.length > 0) void start();
    aboard.forEach(({ land }, at) => land(found?.[at]));
  }

  return (entry) =>
    new Promise((land) => {
      waiting.push({ entry, land });
      if (flights < flightsMax) void start();
    });
}
