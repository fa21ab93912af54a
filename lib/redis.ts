import type { Redis } from "@upstash/redis";
import { type Breaker, createBreaker } from "./breaker.ts";
import { fail } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Clock } from "./time.ts";
import { startVendorCall } from "./vendor_metrics.ts";

/** Upstash Redis behind a deadline and a breaker. Nothing in it that could not be built again. */
export interface RedisStore {
  /** Runs commands; throws `unavailable` when Redis is away. For what must not go on without it. */
  call<T>(commands: (redis: Redis) => Promise<T>): Promise<T>;
  /** Runs commands; answers undefined when Redis is away. For caches. */
  attempt<T>(commands: (redis: Redis) => Promise<T>): Promise<T | undefined>;
  /** Subscribes to channels by pattern; `onOpen` is called when Redis says so. The returned function ends it. */
  subscribe(
    pattern: string,
    onMessage: (channel: string, message: string) => void,
    onOpen: () => void,
  ): () => void;
}

export interface RedisOptions {
  url: string;
  token: string;
  deadlineMs: number;
  now: Clock;
  log: Log;
}

/**
 * The SDK by itself retries a refused connection for 4.3 s and waits without end on a black hole,
 * so its retries are off and every call carries a deadline.
 */
export function openRedis(options: RedisOptions): RedisStore {
  const connection = {
    url: options.url,
    token: options.token,
    automaticDeserialization: false,
    enableTelemetry: false,
    // `false` would still try a second time.
    retry: { retries: 0 },
  };
  let loading: Promise<Redis> | undefined;
  // The SDK is loaded with the first call, not with the process.
  const load = () =>
    loading ??= import("@upstash/redis").then(({ Redis }) =>
      new Redis({
        ...connection,
        readYourWrites: true,
        signal: () => AbortSignal.timeout(options.deadlineMs),
      })
    );
  const breaker = createBreaker({
    name: "redis",
    now: options.now,
    failures: 3,
    openMs: 2_000,
    onChange: (state) => options.log.warn("redis circuit", { state }),
  });

  async function call<T>(commands: (redis: Redis) => Promise<T>): Promise<T> {
    if (!breaker.allows()) return fail("unavailable");
    const redis = await load();
    return await observe(breaker, () => inTime(commands(redis), options.deadlineMs));
  }

  return {
    call,
    attempt: (commands) => call(commands).catch(() => undefined),
    subscribe(pattern, onMessage, onOpen) {
      let over = false;
      const listening = import("@upstash/redis").then(({ Redis }) => {
        const listener = new Redis(connection).psubscribe<string>([pattern]);
        listener.on("psubscribe", onOpen);
        listener.on("pmessage", (data) => over || onMessage(data.channel, String(data.message)));
        listener.on("error", (error) => {
          options.log.warn("redis subscription", { error: withoutCommand(error) });
        });
        return listener;
      });
      return () => {
        over = true;
        void listening.then((listener) => listener.unsubscribe()).catch(() => {});
      };
    },
  };
}

async function observe<T>(breaker: Breaker, work: () => Promise<T>): Promise<T> {
  const ended = startVendorCall("redis");
  try {
    const result = await work();
    ended("answered");
    breaker.succeeded();
    return result;
  } catch (error) {
    ended(error instanceof DOMException && error.name === "TimeoutError" ? "timeout" : "failed");
    breaker.failed();
    return fail("unavailable", { cause: withoutCommand(error) });
  }
}

/** The deadline of a request is not enough where one call makes several. */
async function inTime<T>(calling: Promise<T>, deadlineMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new DOMException(`no answer in ${deadlineMs} ms`, "TimeoutError")),
    deadlineMs,
  );
  try {
    return await Promise.race([calling, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The SDK puts the whole command into its errors, with the values that were to be kept; a log must not see them. */
function withoutCommand(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.includes(", command was:")) return error;
  const [said = ""] = error.message.split(", command was:");
  return Object.assign(new Error(said), { name: error.name });
}
