import assert from "node:assert/strict";
import type { TestApp } from "../support/app.ts";
import { deliver, type DeliveryOptions, signDelivery } from "../support/delivery.ts";
import { isQuiet } from "../support/is_quiet.ts";
import { pollUntil } from "../support/poll.ts";
import { report } from "./report.ts";
import { withWorkers, type WorkerWorld } from "./workers.ts";

const job = "notify_person";
const hourMs = 3_600_000;

/** How many rows each table holds. */
async function countRows({ inspect: { sql } }: TestApp): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select quote_ident(table_name) as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
  const counts = tables.map(({ name }) =>
    `select '${name}' as name, count(*)::int as rows from ${name}`
  );
  const rows = await sql.unsafe<{ name: string; rows: number }[]>(counts.join(" union all "));
  return rows.map(({ name, rows }) => `${name} ${rows}`).join("\n");
}

/** A process notes in the background that it has started; afterwards nothing writes by itself. */
async function untilStill(app: TestApp): Promise<string> {
  let latest = "";
  await pollUntil("the tables to be still", async () => {
    const before = latest;
    latest = await countRows(app);
    const [started] = await app.inspect
      .sql`select from system_events where kind = 'process_started'`;
    return started !== undefined && latest === before;
  });
  return latest;
}

Deno.test("a server process takes what QStash signed for it, once, and nothing that anybody else sends changes a row", async () => {
  await withWorkers(async (world) => {
    const { app, url } = world;
    const workers = await world.startWorkers(1);
    const { userId } = await app.signUp("ada");
    await untilQuiet(world);
    const message = messageTo(userId, 101);
    const before = await untilStill(app);
    const send = (options: Partial<DeliveryOptions>, body = message, path = `/jobs/${job}`) =>
      deliver(fetch, url + path, body, { key: app.standIns.qstash.currentSigningKey, ...options });

    const forgeries = await forgeriesOf(world, message);
    for (const [what, options, body, path] of forgeries) {
      const answer = await send(options, body, path);
      assert.equal(`${answer.status} ${answer.code}`, "401 invalid_signature", what);
      assert.equal(await countRows(app), before, what);
    }

    const address = `${url}/jobs/${job}`;
    const { currentSigningKey: key } = app.standIns.qstash;
    const signature = await signDelivery(address, message, { key });
    const messageId = "msg_same";
    assert.equal((await send({ signature, messageId })).outcome, "done");
    await untilQuiet(world);
    const after = await untilStill(app);
    const mails = app.standIns.sendgrid.messages().length;
    for (let again = 0; again < 3; again++) {
      assert.equal((await send({ signature, messageId })).outcome, "duplicate");
    }
    assert.equal(
      await countRows(app),
      after,
      "a replay inside of its five minutes changes nothing",
    );
    assert.equal(app.standIns.sendgrid.messages().length, mails);
    report({
      fault: "forged and replayed deliveries",
      done:
        `${forgeries.length} kinds of forgery and a token replayed, at a server process over HTTP`,
      bar: "401 and no row in any table; a replay 200 and no second effect",
      measured: JSON.stringify({ refused: forgeries.length, rowsChanged: 0, replays: 3, mails: 1 }),
      met: true,
    });
    await workers.stop();
  });
});

Deno.test("signing keys are rotated without losing a message, and a key that was rotated out is refused", async () => {
  await withWorkers(async (world) => {
    const { app, url } = world;
    const { qstash } = app.standIns;
    const early = await world.startWorkers(1);
    const { userId } = await app.signUp("ada");
    await untilQuiet(world);
    const first = qstash.currentSigningKey;
    const signedBy = async (key: string, version: number) => {
      const answer = await deliver(fetch, `${url}/jobs/${job}`, messageTo(userId, version), {
        key,
      });
      return answer.outcome ?? String(answer.status);
    };
    const steps: string[] = [];
    await rotate(app);
    assert.notEqual(qstash.currentSigningKey, first);
    steps.push(await signedBy(qstash.currentSigningKey, 101), await signedBy(first, 102));
    await untilQuiet(world);
    await early.stop();
    // The settings follow, as the next deployment has them; then the keys are rotated once more.
    const workers = await world.startWorkers(1);
    await rotate(app);
    const before = await untilStill(app);
    const old = await signedBy(first, 103);
    assert.equal(await countRows(app), before);
    steps.push(old, await signedBy(qstash.currentSigningKey, 104));
    await untilQuiet(world);
    await workers.stop();
    const met = steps.join(", ") === "done, done, 401, done";
    report({
      fault: "rotation of signing keys",
      done:
        "rotated; both keys used; settings followed; rotated again; the oldest key and the newest used",
      bar:
        "new and old key taken after one rotation, the oldest refused after two, the newest taken",
      measured: steps.join(", "),
      met,
    });
    assert.ok(met, steps.join(", "));
  });
});

function untilQuiet({ app, passTimeUntil }: WorkerWorld): Promise<void> {
  return passTimeUntil("every job to be over", () => isQuiet(app));
}

/** Versions below a hundred are the product's own, such as the welcome. */
function messageTo(userId: string, version: number): string {
  const data = { event: "A new device signed in", at: "2026-01-30T15:31:02.000Z" };
  return JSON.stringify({ key: userId, version, payload: { type: "security_alert", data } });
}

type Forgery = [
  what: string,
  options: Partial<DeliveryOptions>,
  body?: string,
  path?: string,
];

async function forgeriesOf({ app, url }: WorkerWorld, message: string): Promise<Forgery[]> {
  const { currentSigningKey: key } = app.standIns.qstash;
  const address = `${url}/jobs/${job}`;
  const genuine = await signDelivery(address, message, { key });
  const [head = "", claims = "", mark = ""] = genuine.split(".");
  const reordered = JSON.stringify(
    Object.fromEntries(Object.entries(JSON.parse(message)).reverse()),
  );
  return [
    ["none", { signature: null }],
    ["forged", { signature: `${head}.${claims}.${mark.slice(0, -4)}AAAA` }],
    ["a foreign key", { key: "sig_somebody_elses_key" }],
    [
      "an altered byte of the body",
      { signature: genuine },
      message.replace("new device", "mew device"),
    ],
    ["one byte more", { signature: genuine }, `${message} `],
    ["the same JSON in another order", { signature: genuine }, reordered],
    ["another job's address", { signature: genuine }, message, "/jobs/dispatch_notifications"],
    ["the address of the failure callback", { signature: genuine }, message, `/jobs/${job}/failed`],
    ["a token for another host", { subject: `https://evil.example/jobs/${job}` }],
    ["a token that has expired", { issuedAtMs: Date.now() - hourMs }],
    ["a token that is not valid yet", { issuedAtMs: Date.now() + hourMs }],
    ["another issuer", { issuer: "Somebody" }],
    ["alg none", { signature: `${encode({ alg: "none", typ: "JWT" })}.${claims}.` }],
    ["alg none with the mark kept", {
      signature: `${encode({ alg: "none", typ: "JWT" })}.${claims}.${mark}`,
    }],
  ];
}

function encode(part: unknown): string {
  return new TextEncoder().encode(JSON.stringify(part)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

async function rotate({ standIns: { qstash } }: TestApp): Promise<void> {
  const response = await fetch(`${qstash.url}/v2/keys/rotate`, {
    method: "POST",
    headers: { authorization: `Bearer ${qstash.token}` },
  });
  assert.equal(response.status, 200, await response.text());
}
