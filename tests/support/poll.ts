/** Asks `holds` until it does; fails with `what` it waited for after ten seconds. */
export async function pollUntil(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 30_000,
): Promise<void> {
  const untilMs = performance.now() + deadlineMs;
  while (!await holds()) {
    if (performance.now() > untilMs) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
