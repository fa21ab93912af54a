import assert from "node:assert/strict";
import { compress } from "../../../routes/http/compress.ts";
import { examplePlan } from "../../services/plans/example_plan.ts";
import { withApp } from "../../support/app.ts";

const long = JSON.stringify({ text: "a quick brown fox ".repeat(100) });
const answer = (body: string | null, headers: Record<string, string> = {}) =>
  new Response(body, { headers: { "content-type": "application/json", ...headers } });

async function unzipped(response: Response): Promise<string> {
  const stream = response.body?.pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}

Deno.test("a long answer comes in gzip to whoever takes it, and is the same text", async () => {
  for (const accepted of ["gzip", "br, gzip;q=0.5", "*", "GZIP", "identity;q=0.1, gzip; q=1"]) {
    const response = await compress(answer(long, { etag: '"7"' }), "GET", accepted);
    assert.equal(response.headers.get("content-encoding"), "gzip", accepted);
    assert.equal(response.headers.get("etag"), 'W/"7"', "other bytes, so not the same strong tag");
    assert.equal(response.headers.get("vary"), "accept-encoding");
    assert.equal(await unzipped(response), long);
  }
});

Deno.test("nothing is compressed for whoever does not take gzip, or where it would gain nothing", async () => {
  const short = JSON.stringify({ text: "x".repeat(1_000) });
  const cases: [response: Response, accepted: string | null][] = [
    [answer(long), null],
    [answer(long), ""],
    [answer(long), "br"],
    [answer(long), "gzip;q=0"],
    [answer(long), "gzip;q=0, *"],
    [answer(long), "*;q=0"],
    [answer(short), "gzip"],
    [answer(long, { "content-type": "text/event-stream" }), "gzip"],
    [answer(long, { "content-type": "image/png" }), "gzip"],
    [answer(long, { "content-encoding": "br" }), "gzip"],
    [answer(null), "gzip"],
  ];
  for (const [given, accepted] of cases) {
    const body = await given.clone().text();
    const response = await compress(given, "GET", accepted);
    assert.notEqual(response.headers.get("content-encoding"), "gzip", `${accepted}`);
    assert.equal(await response.text(), body);
  }
});

Deno.test("a write names what it has written by the one tag that reads know it by, compressed or not", async () => {
  const written = await compress(answer(long, { etag: '"7"' }), "PATCH", "gzip");
  assert.equal(written.headers.get("content-encoding"), "gzip");
  assert.equal(written.headers.get("etag"), '"7"');
  await withApp(async (app) => {
    const { token } = await app.signUp();
    const gzip = { "accept-encoding": "gzip" };
    const made = await app.request("/v1/plans", {
      method: "POST",
      token,
      json: examplePlan,
      headers: gzip,
    });
    const etag = made.headers.get("etag") ?? "";
    assert.equal(etag, '"1"');
    const { id } = await made.json();
    const changed = await app.request(`/v1/plans/${id}`, {
      method: "PATCH",
      token,
      json: { name: "Another" },
      headers: { ...gzip, "if-match": `W/${etag}` },
    });
    assert.equal(changed.status, 200);
    assert.equal((await changed.json()).version, 2);
  });
});
