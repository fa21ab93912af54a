import { z } from "zod";
import { isFailure } from "../../lib/errors.ts";
import { verifyAccessToken } from "../../services/auth/mod.ts";
import type { Ctx } from "../../services/ctx.ts";
import { refusalOf } from "./channels.ts";
import { createSubscriptions } from "./subscriptions.ts";

const Channels = z.array(z.string().max(100)).min(1).max(200);

const Message = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("auth"), token: z.string().max(8_192) }),
  z.strictObject({ op: z.literal("subscribe"), channels: Channels }),
  z.strictObject({ op: z.literal("unsubscribe"), channels: Channels }),
  z.strictObject({ op: z.literal("ping") }),
]);
type Message = z.infer<typeof Message>;

/** Where a session's frames go, and how it is ended from inside. */
export interface Sink {
  /** False where the reader is too far behind to be sent anything. */
  send(frame: string): boolean;
  end(code: number, reason: string): void;
}

export interface LiveSession {
  /** Takes a message of the client. Messages take effect in the order in which they came. */
  take(text: string): void;
  subscribe(channels: string[]): Promise<void>;
  close(): void;
}

const signInMs = 10_000;
/** Messages that wait for the one before them; a client that sends more without listening is none of ours. */
const waitingMax = 100;
/** A reader who has missed so many frames in a row does not read at all. */
const lostMax = 1_000;
const longestTimerMs = 2 ** 31 - 1;

/**
 * One client's live data over one socket: sign in by the first message or by the header, then subscribe. The session
 * ends with its token unless a new one is sent in time, and with the sign-in that the token belongs to. Every frame
 * has the next number, so that a client sees from a gap that it has missed some.
 */
export function createLiveSession(base: Ctx, sink: Sink): LiveSession {
  const subscriptions = createSubscriptions();
  const { revocations } = base.keys;
  let ctx = base;
  let frameCount = 0;
  let lostCount = 0;
  let waitingCount = 0;
  let latest = Promise.resolve();
  let ending = endIn(base.actor.kind === "person" ? base.actor.expiresAtMs - base.now() : signInMs);
  const goAway = () => sink.end(1001, "going away");
  base.signal.addEventListener("abort", goAway);

  function endIn(delayMs: number) {
    return setTimeout(() => sink.end(4401, "sign in again"), Math.min(delayMs, longestTimerMs));
  }

  /** The data is serialised once for all sockets; only the frame around it is this one's own. */
  function send(channel: string, data: string) {
    const { actor } = ctx;
    if (actor.kind === "person" && revocations.has(actor.sessionId)) {
      return sink.end(4401, "signed out");
    }
    const frame = `{"id":"${++frameCount}","channel":${JSON.stringify(channel)},"data":${data}}`;
    lostCount = sink.send(frame) ? 0 : lostCount + 1;
    if (lostCount >= lostMax) sink.end(1013, "too slow");
  }

  /** After a silence it is not known who has signed out meanwhile, so the frame waits until it is. */
  function frame(channel: string, data: string) {
    const behind = revocations.catchUp();
    if (behind) behind.then(() => send(channel, data));
    else send(channel, data);
  }

  function tell(channel: string, data: unknown) {
    frame(channel, JSON.stringify(data));
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
    tell("session", { signedIn: true });
  }

  async function subscribe(channels: string[]) {
    for (const channel of channels) {
      try {
        await subscriptions.open(ctx, channel, (data) => frame(channel, data));
      } catch (error) {
        if (!isFailure(error)) ctx.log.error("live channel", { channel, error });
        tell(channel, { error: refusalOf(error) });
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
        return tell("session", { pong: true });
      default:
        return tell("session", { error: { code: "invalid_request" } });
    }
  }

  return {
    subscribe,
    take(text) {
      if (++waitingCount > waitingMax) return sink.end(1008, "too many messages");
      const message = parse(text);
      latest = latest.then(() => obey(message)).finally(() => waitingCount--);
    },
    close() {
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
