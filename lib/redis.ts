import type { Redis } from "@upstash/redis";
import { createBreaker } from "./breaker.ts";
import { fail } from "./errors.ts";
import { tellCircuit } from "./events.ts";
import type { Log } from "./log.ts";
import { type Clock, secondMs } from "./time.ts";
import { startVendorCall } from "./vendor_metrics.ts";

/** Upstash Redis behind a deadline and a circuit. Nothing in it that could not be built again. */
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
  /** Told when a call has waited for half of its deadline: whoever stands in for Redis can get ready meanwhile. */
  onSlow?: () => void;
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
  const circuit = createCircuit(options, async () => await (await load()).ping());

  async function call<T>(commands: (redis: Redis) => Promise<T>): Promise<T> {
    if (circuit.isOpen()) return fail("unavailable");
    const redis = await load();
    const ended = startVendorCall("redis");
    try {
      const result = await circuit.during(commands(redis));
      ended("answered");
      return result;
    } catch (error) {
      ended(error instanceof DOMException && error.name === "TimeoutError" ? "timeout" : "failed");
      return fail("unavailable", { cause: withoutCommand(error) });
    }
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

// How long the next try waits after one that failed, which nobody but itself waits for.
const tryEveryMs = secondMs;

/**
 * One failure opens the circuit, and everybody who waits at that moment is let go with it: of all who ask while Redis
 * is away, only those who were there first wait for the deadline, once. No caller ever finds out whether it is back:
 * a call of its own does, at once, so that a hiccup closes again within a round trip, and then once a second for as
 * long as somebody asks.
 */
function createCircuit(
  { now, deadlineMs, log, onSlow }: RedisOptions,
  ping: () => Promise<unknown>,
) {
  const breaker = createBreaker({
    name: "redis",
    now,
    failures: 1,
    openMs: tryEveryMs,
    onChange: tellCircuit(log, "redis"),
  });
  const waiting = new Set<(reason: unknown) => void>();

  function open(reason: unknown) {
    if (breaker.state() !== "closed") return;
    breaker.failed();
    for (const letGo of waiting) letGo(reason);
    void tryAgain();
  }

  async function tryAgain() {
    try {
      await inTime(ping());
      breaker.succeeded();
    } catch {
      breaker.failed();
    }
  }

  /** The deadline of a request is not enough where one call makes several. */
  async function inTime<T>(calling: Promise<T>, letGo?: Set<(reason: unknown) => void>) {
    const ended = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => ended.reject(new DOMException(`no answer in ${deadlineMs} ms`, "TimeoutError")),
      deadlineMs,
    );
    const slow = onSlow && setTimeout(onSlow, deadlineMs / 2);
    letGo?.add(ended.reject);
    try {
      return await Promise.race([calling, ended.promise]);
    } finally {
      clearTimeout(timer);
      clearTimeout(slow);
      letGo?.delete(ended.reject);
    }
  }

  return {
    isOpen() {
      if (breaker.state() === "closed") return false;
      if (breaker.allows()) void tryAgain();
      return true;
    },
    async during<T>(calling: Promise<T>): Promise<T> {
      try {
        return await inTime(calling, waiting);
      } catch (error) {
        open(error);
        throw error;
      }
    },
  };
}

/** The SDK puts the whole command into its errors, with the values that were to be kept; a log must not see them. */
function withoutCommand(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.includes(", command was:")) return error;
  const [said = ""] = error.message.split(", command was:");
  return Object.assign(new Error(said), { name: error.name });
}
