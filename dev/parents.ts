/**
 * Looks after this process and those above it, up to the shell that somebody typed into: the task runner, npx. Killed
 * outright, one of them could not tell us. `kill -0` only asks whether a process is there. Deno itself may not read
 * `/proc`, and this way works on macOS too.
 */
const watcher = `
pid=$1; watched=$1
while :; do
  pid=$(ps -o ppid= -p $pid | tr -d ' ')
  case "$(ps -o comm= -p $pid):$(ps -o args= -p $pid)" in
    deno*|*/deno:*|node*|npm*|npx*|sh:sh\\ -c*deno*) watched="$watched $pid";;
    *) break;;
  esac
done
while :; do
  for pid in $watched; do kill -0 $pid 2>/dev/null || exit 0; done
  sleep 0.5
done
`;

/** Calls `ended` once when a process above us is gone. */
export function whenOrphaned(ended: () => void): void {
  const child = new Deno.Command("sh", {
    args: ["-c", watcher, "sh", String(Deno.pid)],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    // Ctrl-C in a terminal is for us; the watcher ends when we do.
    detached: true,
  }).spawn();
  child.unref();
  child.status.then(ended);
}
