import { fail } from "../lib/errors.ts";
import type { Ctx } from "../services/ctx.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { createLiveSession } from "./stream/session.ts";

export const liveDocs: RouteDocs = {
  "GET /v1/stream": {
    summary: "Live data over one socket",
    about:
      "A WebSocket: send `{op: 'auth', token}` unless the Authorization header signs you in, then " +
      "`{op: 'subscribe', channels: ['inbox', 'simulations:ID', 'quotes:AAPL']}`; frames are `{id, channel, data}`. " +
      "With `Accept: text/event-stream` and `?channels=` the same as server-sent events.",
    access: "public",
    answers: { 101: "The socket", 200: "Server-sent events" },
    problems: ["not_signed_in", "invalid_request"],
  },
};

// A reader who is slower than this loses frames; one who does not read at all is let go.
const slowBytes = 64 * 1_024;
const stuckBytes = 1_024 * 1_024;
const framesBehindMax = 1_000;
const messageMaxBytes = 64 * 1_024;

export const liveRoutes = api()
  .get("/v1/stream", (c) => {
    const ctx = ctxOf(c);
    c.set("sealed", true);
    if (c.req.header("upgrade")?.toLowerCase() === "websocket") return openSocket(ctx, c.req.raw);
    if (!c.req.header("accept")?.includes("text/event-stream")) return fail("invalid_request");
    if (ctx.actor.kind !== "person") return fail("not_signed_in");
    return openEvents(ctx, (c.req.query("channels") ?? "").split(",").filter(Boolean));
  });

function openSocket(ctx: Ctx, request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 60 });
  const session = createLiveSession(ctx, {
    send(frame) {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (socket.bufferedAmount > stuckBytes) return socket.close(1013, "too slow");
      if (socket.bufferedAmount < slowBytes) socket.send(frame);
    },
    end: (code, reason) => socket.readyState === WebSocket.OPEN && socket.close(code, reason),
  });
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string" || data.length > messageMaxBytes) {
      return socket.close(1009, "too large");
    }
    session.take(data).catch((error) => ctx.log.warn("live message", { error }));
  };
  socket.onclose = () => session.close();
  socket.onerror = () => session.close();
  return response;
}

function openEvents(ctx: Ctx, channels: string[]): Response {
  const encoder = new TextEncoder();
  let close = () => {};
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const session = createLiveSession(ctx, {
        send(frame) {
          // The queue counts frames: a reader who is behind loses some, as a slow socket does.
          if ((controller.desiredSize ?? 0) > -framesBehindMax) {
            controller.enqueue(encoder.encode(`data: ${frame}\n\n`));
          }
        },
        end: () => {
          session.close();
          controller.close();
        },
      });
      close = session.close;
      session.subscribe(channels).catch((error) => ctx.log.warn("live events", { error }));
    },
    cancel: () => close(),
  });
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
