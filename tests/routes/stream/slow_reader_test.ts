import assert from "node:assert/strict";
import { type SignedUp, type TestApp, withApp } from "../../support/app.ts";
import { openLive } from "../../support/live_client.ts";
import { pollUntil } from "../../support/poll.ts";

Deno.test("a reader who does not read loses frames, holds nobody up, and is let go", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { live } = app.deps.context("test", { address: "", userAgent: "" });
    const [stuck, keeps] = [
      await openWithoutReading(app, ada, "inbox"),
      await openLive(app.url, { authorization: `Bearer ${ada.token}` }),
    ];
    keeps.send({ op: "subscribe", channels: ["inbox"] });
    await keeps.next(({ channel }) => channel === "inbox");
    // Without Redis frames go straight to the sockets of this process.
    app.standIns.redis.setFault({ kind: "status", status: 503 });
    const frameCount = 2_500;
    const padding = "x".repeat(16_000);
    for (let n = 0; n < frameCount; n++) {
      await live.publish(`inbox:${ada.userId}`, { title: `frame ${n}`, padding });
      const heard = () => keeps.frames.some(({ data }) => data.title === `frame ${n}`);
      if (n % 10 === 0) await pollUntil(`frame ${n}`, heard);
    }
    app.standIns.redis.setFault(null);
    await keeps.next(({ data }) => data.title === `frame ${frameCount - 1}`);
    assert.equal(keeps.frames.filter(({ data }) => data.padding).length, frameCount);
    const { sizeBytes, end } = await stuck.readToEnd();
    assert.ok(sizeBytes < frameCount * 16_000 / 2, `${sizeBytes} bytes were kept for it`);
    assert.ok(end.endsWith("too slow"));
    await keeps.close();
  });
});

/** A socket whose other end has been asked for a channel and is never read from until the very end. */
async function openWithoutReading(app: TestApp, person: SignedUp, channel: string) {
  const { hostname, port } = new URL(app.url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const head = [
    "GET /v1/stream HTTP/1.1",
    `Host: ${hostname}:${port}`,
    `Authorization: Bearer ${person.token}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ].join("\r\n");
  await connection.write(new TextEncoder().encode(`${head}\r\n\r\n`));
  const buffer = new Uint8Array(64 * 1_024);
  await connection.read(buffer);
  await connection.write(masked(JSON.stringify({ op: "subscribe", channels: [channel] })));
  return {
    /** Reads until the server's last frame, which closes. */
    async readToEnd(): Promise<{ sizeBytes: number; end: string }> {
      let sizeBytes = 0;
      let end = "";
      while (!end.endsWith("too slow")) {
        const readBytes = await connection.read(buffer);
        if (readBytes === null) break;
        sizeBytes += readBytes;
        end = new TextDecoder().decode(buffer.subarray(Math.max(0, readBytes - 20), readBytes));
      }
      connection.close();
      return { sizeBytes, end };
    },
  };
}

/** A text frame of a client (RFC 6455, 5.2), with a mask of zeros. */
function masked(text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  return Uint8Array.of(0x81, 0x80 | payload.length, 0, 0, 0, 0, ...payload);
}
