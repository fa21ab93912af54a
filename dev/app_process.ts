/** The app as a process of its own, so that it can reload while its engines stay up. */
export interface AppProcess {
  ended: Promise<void>;
  stop(): Promise<void>;
}

const readyMs = 30_000;
const pollMs = 25;

/**
 * The app's parent is this shell. Nothing is ever written to the pipe that it holds as descriptor 3: when we are
 * gone, however that came about, the pipe closes and the app is asked to end. Reloading on change, Deno outlives the
 * program's own end, so that what is still there after a second is ended outright.
 */
const watchdog = `
exec 3<&0 4>&2 </dev/null 2>/dev/null
"$@" 3<&- 2>&4 4>&- & app=$!
finish() {
  trap - TERM
  kill -TERM $app
  for tenth in 1 2 3 4 5 6 7 8 9 10; do kill -0 $app || return; sleep 0.1; done
  kill -KILL $app
}
trap 'finish' INT TERM HUP
(read nothing <&3; finish) & watcher=$!
wait $app
while kill -0 $app; do wait $app; done
kill $watcher
`;

/** Starts the app as `deno <args>` with settings in `env`; resolves when it answers under `url`. */
export async function startApp(
  args: string[],
  env: Record<string, string>,
  url: string,
  deno = Deno.execPath(),
): Promise<AppProcess> {
  const child = new Deno.Command("sh", {
    args: ["-c", watchdog, "sh", deno, ...args],
    env: { ...Deno.env.toObject(), ...env },
    clearEnv: true,
    stdin: "piped",
    stdout: "inherit",
    stderr: "inherit",
    detached: true,
  }).spawn();
  const ended = child.status.then(() => {});
  await untilReady(url, child);
  return {
    ended,
    async stop() {
      await child.stdin.close().catch(() => {});
      await ended;
    },
  };
}

async function untilReady(url: string, child: Deno.ChildProcess) {
  const deadlineMs = performance.now() + readyMs;
  let gone = false;
  child.status.then(() => gone = true);
  while (performance.now() < deadlineMs && !gone) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw new Error(
    gone ? "The app ended while it started." : `The app was not ready within ${readyMs / 1_000} s.`,
  );
}
