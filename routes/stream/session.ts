import * as z from "zod";
import { isFailure } from "../../lib/errors.ts";
import { secondMs } from "../../lib/time.ts";
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
  let ending = endIn(base.actor.kind === "person" ? base.actor.expiresAtMs - base.now() : signInMs);
  const goAway = () => sink.end(1001, "going away");
  base.signal.addEventListener("abort", goAway);

  function endIn(delayMs: number) {
    return setTimeout(() => sink.end(4401, "sign in again"), Math.min(delayMs, longestTimerMs));
  }

  async function signIn(token: string) {
    const person = await verifyAccessToken(base, token);
    const { actor } = ctx;
    if (actor.kind === "person" && actor.userId !== person.userId) {
      return sink.end(4403, "another person");
    }
    ctx = { ...base, actor: person };
    clearTimeout(ending);
    ending = endIn(person.expiresAtMs - base.now());
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
      clearTimeout(ending);
      base.signal.removeEventListener("abort", goAway);
      subscriptions.closeAll();
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
