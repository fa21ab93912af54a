import { type Command, isError, type RedisBackend, type Reply } from "./backend.ts";
import { Refused } from "./commands.ts";
import { replyText } from "./encode.ts";

/**
 * Answers `/subscribe/…`, `/psubscribe/…` and `/monitor` with server-sent events: one `data: `
 * line for each frame, its parts joined by commas (`data: message,channel,payload`). The subscription ends
 * when the client goes away.
 */
export async function answerStream(backend: RedisBackend, command: Command): Promise<Response> {
  const encoder = new TextEncoder();
  const { readable, writable } = new TransformStream<Uint8Array>(undefined, undefined, {
    highWaterMark: Infinity,
  });
  const writer = writable.getWriter();
  const started = Promise.withResolvers<Reply>();
  const end = await backend.stream(command, {
    frame: (frame) => {
      started.resolve(frame);
      // A client that left in this very moment is no error; its stream is ended below.
      writer.write(encoder.encode(eventOf(frame))).catch(() => {});
    },
    end: () => {
      started.resolve({ error: "ERR the connection to Redis was closed" });
      writer.close().catch(() => {});
    },
  });
  const finish = () => {
    end();
    writer.abort().catch(() => {});
  };
  // Rejects when the server cancels the body, which it does as soon as the client is gone.
  writer.closed.catch(finish);

  const first = await started.promise;
  if (isError(first)) {
    finish();
    throw new Refused(400, first.error);
  }
  return new Response(readable, { headers: { "content-type": "text/event-stream" } });
}

function eventOf(frame: Reply): string {
  // A line break would end the event, so each line of a payload becomes a data line of the same event.
  const text = frame === "OK" ? '"OK"' : replyText(frame);
  return text.split("\n").map((line) => `data: ${line}\n`).join("") + "\n";
}
