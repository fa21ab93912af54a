import * as z from "zod";
import { fail } from "../lib/errors.ts";
import { secondMs } from "../lib/time.ts";
import type { Ctx } from "../services/ctx.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { createLiveSession } from "./stream/session.ts";

const ChannelsQuery = z.strictObject({
  channels: z.string().max(4_000).optional().meta({
    description: "For server-sent events: channels, separated by commas.",
    example: "inbox,quotes:AAPL",
  }),
});

export const liveDocs: RouteDocs = {
  "GET /v1/stream": {
    summary: "Live data over one socket",
    about:
      "A WebSocket: send `{op: 'auth', token}` unless the Authorization header signs you in, then " +
      "`{op: 'subscribe', channels: ['inbox', 'simulations:ID', 'quotes:AAPL']}`; frames are `{id, channel, data}`. " +
      "A channel's first frame says what is known now (of the inbox, how much is unread); from then on nothing " +
      "is left out, but for whoever reads too slowly: they see it from a gap in the ids. " +
      "Staff hear on `jobs` how far long runs are. " +
      "With `Accept: text/event-stream` and `?channels=` the same as server-sent events.",
    access: "public",
    limit: "streams",
    query: ChannelsQuery,
    answers: { 101: "The socket", 200: { about: "Server-sent events", type: "text/event-stream" } },
    problems: ["not_signed_in", "invalid_request"],
  },
};

/** A reader who is further behind than this loses frames: room for two hundred quotes that change at once. */
const behindMaxBytes = 256 * 1_024;
const messageMaxBytes = 64 * 1_024;
/** Proxies cut what is silent for half a minute or a whole one. */
const aliveEveryMs = 25 * secondMs;
const idleMaxSeconds = 60;

export const liveRoutes = api()
  .get("/v1/stream", (c) => {
    const ctx = keepOrigin(ctxOf(c));
    c.env.sealed = true;
    if (c.req.header("upgrade")?.toLowerCase() === "websocket") return openSocket(ctx, c.req.raw);
    const channels = (c.req.query("channels") ?? "").split(",").filter(Boolean);
    if (!c.req.header("accept")?.includes("text/event-stream") || channels.length === 0) {
      return fail("invalid_request", {
        detail: "Open a WebSocket, or ask for text/event-stream and name channels.",
      });
    }
    if (ctx.actor.kind !== "person") return fail("not_signed_in");
    return openEvents(ctx, channels);
  });

/** Once a request has become a socket, its headers are gone. */
function keepOrigin(ctx: Ctx): Ctx {
  const { address, userAgent, trace } = ctx.origin;
  return { ...ctx, origin: { address, userAgent, trace } };
}

function openSocket(ctx: Ctx, request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: idleMaxSeconds });
  const isOpen = () => socket.readyState === WebSocket.OPEN;
  const session = createLiveSession(ctx, {
    send(frame) {
      const keepsUp = isOpen() && socket.bufferedAmount < behindMaxBytes;
      if (keepsUp) socket.send(frame);
      return keepsUp;
    },
    end(code, reason) {
      session.close();
      if (isOpen()) socket.close(code, reason);
    },
  });
  socket.onmessage = ({ data }) => {
    if (typeof data === "string" && data.length <= messageMaxBytes) session.take(data);
    else socket.close(1009, "too large");
  };
  socket.onclose = () => session.close();
  socket.onerror = () => session.close();
  return response;
}

function openEvents(ctx: Ctx, channels: string[]): Response {
  const encoder = new TextEncoder();
  let over = false;
  let close = () => {};
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const keepsUp = () => (controller.desiredSize ?? 0) > 0;
      const write = (text: string) => controller.enqueue(encoder.encode(text));
      const session = createLiveSession(ctx, {
        send(frame) {
          const sent = keepsUp();
          if (sent) write(`data: ${frame}\n\n`);
          return sent;
        },
        end() {
          if (over) return;
          close();
          controller.close();
        },
      });
      const alive = setInterval(() => keepsUp() && write(": alive\n\n"), aliveEveryMs);
      close = () => {
        over = true;
        clearInterval(alive);
        session.close();
      };
      void session.subscribe(channels);
    },
    cancel: () => close(),
  }, new ByteLengthQueuingStrategy({ highWaterMark: behindMaxBytes }));
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
