import { pause, secondMs } from "../../lib/time.ts";

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Answers in place of a host outside this machine, for test suites that publish to public ones:
 * example.com takes GET only, every other host is content; `?sleep=` waits that many milliseconds.
 */
export async function answerForForeignHost(
  url: URL,
  signal: AbortSignal,
): Promise<Response | undefined> {
  if (loopback.test(url.hostname)) return undefined;
  const sleepMs = Number(url.searchParams.get("sleep") ?? 0);
  if (sleepMs > 0) await pause(Math.min(sleepMs, 60 * secondMs), signal);
  signal.throwIfAborted();
  return new Response(null, { status: url.hostname === "example.com" ? 405 : 200 });
}
