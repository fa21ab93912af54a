import * as z from "zod";
import { isFailure } from "../../lib/errors.ts";
import { type EpochMs, secondMs } from "../../lib/time.ts";
import { verifyAccessToken } from "../../services/auth/mod.ts";
import type { Ctx } from "../../services/ctx.ts";
import { refusalOf } from "./channels.ts";
import { createFrames, type Sink } from "./frames.ts";
import { createSubscriptions } from "./subscriptions.ts";

const Channels = z.array(z.string().max(100)).min(1).max(200);

const Message = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("auth"), token: z.string().max(8_192) }),
  z.strictObject({ op: z.literal("subscribe"), channels: Channels }),
  z.strictObject({ op: z.literal("unsubscribe"), channels: Channels }),
  z.strictObject({ op: z.literal("ping") }),
]);
type Message = z.infer<typeof Message>;

export interface LiveSession {
  /** Takes a message of the client. Messages take effect in the order in which they came. */
  take(text: string): void;
  subscribe(channels: string[]): Promise<void>;
  close(): void;
}

const signInMs = 10 * secondMs;
/** Messages that wait for the one before them; a client that sends more without listening is none of ours. */
const waitingMax = 100;
const longestTimerMs = 2 ** 31 - 1;

/**
 * One client's live data over one socket: sign in by the first message or by the header, then subscribe. The session
 * ends with its token unless a new one is sent in time, and with the sign-in that the token belongs to.
 */
export function createLiveSession(base: Ctx, sink: Sink): LiveSession {
  const subscriptions = createSubscriptions();
  let ctx = base;
  const frames = createFrames(
    base.keys,
    sink,
    () => ctx.actor.kind === "person" ? ctx.actor.sessionId : undefined,
  );
  let over = false;
  let waitingCount = 0;
  let latest = Promise.resolve();
  const ending = createEnding(base, sink);

  async function signIn(token: string) {
    const person = await verifyAccessToken(base, token);
    const { actor } = ctx;
    if (actor.kind === "person" && actor.userId !== person.userId) {
      return sink.end(4403, "another person");
    }
    ctx = { ...base, actor: person };
    ending.at(person.expiresAtMs);
    frames.tell("session", { signedIn: true });
  }

  async function subscribe(channels: string[]) {
    for (const channel of channels) {
      try {
        await subscriptions.open(ctx, channel, (data) => frames.put(channel, data));
      } catch (error) {
        if (!isFailure(error)) ctx.log.error("live channel", { channel, error });
        frames.tell(channel, { error: refusalOf(error) });
      }
    }
  }

  async function obey(message: Message | undefined) {
    switch (message?.op) {
      case "auth":
        return await signIn(message.token).catch((error) =>
          sink.end(4401, isFailure(error) ? error.code : "internal")
        );
      case "subscribe":
        return await subscribe(message.channels);
      case "unsubscribe":
        return message.channels.forEach(subscriptions.close);
      case "ping":
        return frames.tell("session", { pong: true });
      default:
        return frames.tell("session", { error: { code: "invalid_request" } });
    }
  }

  return {
    subscribe,
    take(text) {
      if (++waitingCount > waitingMax) return sink.end(1008, "too many messages");
      const message = parse(text);
      latest = latest.then(() => over ? undefined : obey(message)).finally(() => waitingCount--);
    },
    close() {
      over = true;
      ending.cancel();
      subscriptions.closeAll();
    },
  };
}

/** Ends a session when its token ends, when nobody signs in, or when the process does. */
function createEnding({ actor, now, signal }: Ctx, sink: Sink) {
  const goAway = () => sink.end(1001, "going away");
  let timer: ReturnType<typeof setTimeout> | undefined;

  function at(endMs: EpochMs) {
    clearTimeout(timer);
    const delayMs = Math.min(endMs - now(), longestTimerMs);
    timer = setTimeout(() => sink.end(4401, "sign in again"), delayMs);
  }

  at(actor.kind === "person" ? actor.expiresAtMs : now() + signInMs);
  signal.addEventListener("abort", goAway);
  return {
    at,
    cancel() {
      clearTimeout(timer);
      signal.removeEventListener("abort", goAway);
    },
  };
}

function parse(text: string): Message | undefined {
  try {
    return Message.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
