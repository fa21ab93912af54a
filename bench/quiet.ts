/** Tells how much a measurement was disturbed by what else the machine was doing. */
import { serverCore } from "./servers.ts";

/** A share of the core that others may use before a measurement is taken again. */
const disturbedShare = 0.1;
const attemptsMax = 3;
const ticksPerSecond = 100;

/**
 * Measures until the servers' core was left alone, three times at most; the least disturbed attempt counts.
 * `usedSeconds` says how much of that core's time the measurement itself used.
 */
export async function measureQuietly<Sample>(
  measure: () => Promise<Sample>,
  usedSeconds: (sample: Sample) => number,
): Promise<Sample> {
  let best: { sample: Sample; share: number } | undefined;
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const startedMs = performance.now();
    const busyBefore = busySeconds();
    const sample = await measure();
    const others = busySeconds() - busyBefore - usedSeconds(sample);
    const share = others * 1_000 / (performance.now() - startedMs);
    if (best === undefined || share < best.share) best = { sample, share };
    if (share < disturbedShare) break;
  }
  if (best === undefined) throw new Error("nothing was measured");
  return best.sample;
}

/** Seconds that the servers' core has spent on anything, steal included; 0 where the kernel does not say. */
function busySeconds(): number {
  const line = new RegExp(`^cpu${serverCore} (.*)$`, "m").exec(Deno.readTextFileSync("/proc/stat"));
  const [user = 0, nice = 0, system = 0, _idle, _wait, irq = 0, soft = 0, steal = 0] =
    line?.[1]?.split(" ").map(Number) ?? [];
  return (user + nice + system + irq + soft + steal) / ticksPerSecond;
}
