/** Variants side by side: all are measured in every round, in an order drawn anew, so that drift hits all alike. */

/** What one variant measures in one round. */
export type Variants<Sample> = Record<string, () => Promise<Sample>>;

/** The samples of each variant, in the order of the rounds. One more round goes before and is thrown away. */
export async function interleave<Sample>(
  variants: Variants<Sample>,
  rounds: number,
): Promise<Record<string, Sample[]>> {
  const names = Object.keys(variants);
  const samples: Record<string, Sample[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const name of shuffled(names)) {
      const sample = await variants[name]?.();
      if (round >= 0 && sample !== undefined) samples[name]?.push(sample);
    }
  }
  return samples;
}

/** The middle of the values; of an even number of them the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  return (lower + upper) / 2;
}

/** The 25th percentile: on a shared machine the quieter rounds say what the code costs, the others what the machine did. */
export function lowerQuartile(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 4)] ?? NaN;
}

function shuffled<T>(items: T[]): T[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
