/** The server as it is deployed: a process of its own, with no more permissions than its task. */
export interface ServerProcess {
  url: string;
  process: Deno.ChildProcess;
  /** Ends it outright where it still runs, and waits until it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts the server with `env`; resolves when it listens. `LOG_FORMAT` is json, since that says where. `program` is a
 * test's own way to start it, with its arguments.
 */
export async function startServer(
  env: Record<string, string>,
  program: string[] = ["main.ts"],
): Promise<ServerProcess> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P=server", "--quiet", "--no-prompt", ...program],
    env: { ...env, LOG_FORMAT: "json" },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let over = false;
  process.status.then(() => over = true);
  return {
    url: await listeningUrl(process.stdout),
    process,
    async kill() {
      if (!over) process.kill("SIGKILL");
      await process.status;
    },
  };
}

/** Reads what the server says of itself until it says where it listens, and lets it go on talking. */
async function listeningUrl(stdout: ReadableStream<Uint8Array>): Promise<string> {
  const found = Promise.withResolvers<string>();
  let said = "";
  void stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text) {
        if (said === "found") return;
        said += text;
        const [, url] = /"message":"listening","url":"([^"]+)"/.exec(said) ?? [];
        if (url === undefined) return;
        said = "found";
        found.resolve(url);
      },
      close: () => found.reject(new Error(`it ended: ${said}`)),
    }),
  );
  return await found.promise;
}
