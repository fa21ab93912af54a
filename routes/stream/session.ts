import * as z from "zod";
import { isFailure } from "../../lib/errors.ts";
import { verifyAccessToken } from "../../services/auth/mod.ts";
import type { Ctx, Person } from "../../services/ctx.ts";
import { openChannel, refusalOf } from "./channels.ts";

const Message = z.discriminatedUnion("op", [
  z.strictObject({ op: z.literal("auth"), token: z.string().max(8_192) }),
  z.strictObject({
    op: z.literal("subscribe"),
    channels: z.array(z.string().max(100)).min(1).max(200),
  }),
  z.strictObject({
    op: z.literal("unsubscribe"),
    channels: z.array(z.string().max(100)).min(1).max(200),
  }),
  z.strictObject({ op: z.literal("ping") }),
]);

/** Where a session's frames go, and how it is ended from inside. */
export interface Sink {
  send(frame: string): void;
  end(code: number, reason: string): void;
}

export interface LiveSession {
  /** Takes a message of the client. */
  take(text: string): Promise<void>;
  subscribe(channels: string[]): Promise<void>;
  close(): void;
}

const channelsMax = 200;
const signInMs = 10_000;

/**
 * One client's live data over one socket: sign in by the first message or by the header, then subscribe. The session
 * ends with its token unless a new one is sent in time.
 */
export function createLiveSession(base: Ctx, sink: Sink): LiveSession {
  const open = new Map<string, () => void>();
  let ctx = base;
  let frameCount = 0;
  let ending = endIn(base.actor.kind === "person" ? base.actor.expiresAtMs - base.now() : signInMs);

  function endIn(delayMs: number) {
    return setTimeout(() => sink.end(4401, "sign in again"), Math.min(delayMs, 2 ** 31 - 1));
  }

  function frame(channel: string, data: string) {
    // The data is serialised once for all sockets; only the frame around it is this one's own.
    sink.send(`{"id":"${++frameCount}","channel":${JSON.stringify(channel)},"data":${data}}`);
  }

  async function signIn(token: string) {
    const person: Person = await verifyAccessToken(base, token);
    const { actor } = ctx;
    if (actor.kind === "person" && actor.userId !== person.userId) {
      return sink.end(4403, "another person");
    }
    ctx = { ...base, actor: person };
    clearTimeout(ending);
    ending = endIn(person.expiresAtMs - base.now());
    frame("session", JSON.stringify({ signedIn: true }));
  }

  async function subscribe(channels: string[]) {
    for (const channel of channels) {
      if (open.has(channel)) continue;
      if (open.size >= channelsMax) {
        frame(channel, JSON.stringify({ error: { code: "too_many_requests" } }));
        continue;
      }
      open.set(channel, () => {});
      try {
        open.set(channel, await openChannel(ctx, channel, (data) => frame(channel, data)));
      } catch (error) {
        open.delete(channel);
        frame(channel, JSON.stringify({ error: refusalOf(error) }));
      }
    }
  }

  function unsubscribe(channels: Iterable<string>) {
    for (const channel of [...channels]) {
      open.get(channel)?.();
      open.delete(channel);
    }
  }

  async function take(text: string) {
    const message = Message.safeParse(parse(text));
    if (!message.success) {
      return frame("session", JSON.stringify({ error: { code: "invalid_request" } }));
    }
    const { data } = message;
    if (data.op === "ping") return frame("session", '{"pong":true}');
    if (data.op === "auth") return await signIn(data.token).catch((error) => refuse(error));
    if (data.op === "subscribe") return await subscribe(data.channels);
    unsubscribe(data.channels);
  }

  function refuse(error: unknown) {
    sink.end(4401, isFailure(error) ? error.code : "internal");
  }

  return {
    take,
    subscribe,
    close() {
      clearTimeout(ending);
      unsubscribe(open.keys());
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
