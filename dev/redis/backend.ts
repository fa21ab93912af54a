/** A command as it came over HTTP: its name, then its arguments. */
export type Command = readonly [name: string, ...args: (string | Uint8Array)[]];

/** What Redis answers when a command fails, code word included: `ERR no such key`. */
export interface RedisError {
  readonly error: string;
}

/** A RESP2 reply: a string is a status such as `OK`, bytes are a stored value. */
export type Reply = null | number | bigint | string | Uint8Array | RedisError | readonly Reply[];

/** A Redis behind the gateway, in this process or on the other end of a socket. */
export interface RedisBackend {
  readonly kind: "embedded" | "redis";
  /** Runs one command. Commands handed over one after another run in that order. */
  run(command: Command): Promise<Reply>;
  /** Runs the commands between MULTI and EXEC and returns EXEC's reply: an array, or an error when discarded. */
  transaction(commands: readonly Command[]): Promise<Reply>;
  /** Starts SUBSCRIBE, PSUBSCRIBE or MONITOR and returns how to end it. */
  stream(command: Command, listener: StreamListener): Promise<() => void>;
  close(): Promise<void>;
}

export interface StreamListener {
  frame(frame: Reply): void;
  /** The backend is gone, and with it the stream. */
  end(): void;
}

export function isError(reply: Reply): reply is RedisError {
  return typeof reply === "object" && reply !== null && "error" in reply;
}
