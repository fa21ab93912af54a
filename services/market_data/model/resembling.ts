/** Those of `known` that somebody who typed `text` may have meant: a slip or two away, the closest first. */
export function resembling(text: string, known: readonly string[], most: number): string[] {
  // In a short ticker two slips leave nothing of it.
  const slipsMax = text.length < 2 ? 0 : text.length < 5 ? 1 : 2;
  return known
    .map((candidate) => ({ candidate, slips: slipsBetween(text, candidate) }))
    .filter(({ candidate, slips }) => slips <= slipsMax || candidate === `${text}-USD`)
    .sort((a, b) => a.slips - b.slips || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/**
 * Letters added, dropped, replaced, or swapped with a neighbour: optimal string alignment (Damerau 1964; Wagner and
 * Fischer's table of 1974, of which three rows are enough).
 */
function slipsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
        ? (beforeLast[j - 2] ?? Infinity) + 1
        : Infinity;
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
