/** One entity tag, one text: whichever request an answer comes from, and whichever way it took through the caches. */
import assert from "node:assert/strict";
import { examplePlan } from "../services/plans/example_plan.ts";
import { type SignedUp, type TestApp, withApp } from "../support/app.ts";

interface Answer {
  etag: string;
  text: string;
}

async function answer(app: TestApp, path: string, init: Parameters<TestApp["request"]>[1] = {}) {
  const response = await app.request(path, init);
  const text = await response.text();
  assert.ok(response.ok, `${path}: ${response.status} ${text}`);
  return { etag: response.headers.get("etag") ?? assert.fail("no tag"), text };
}

/** Sends a change and reads what it changed: here, from another isolate with cold memory, and once Redis has it. */
async function changeAndRead(
  app: TestApp,
  { token }: SignedUp,
  [method, path]: [string, string],
  json: unknown,
  readPath?: string,
): Promise<Answer> {
  const headers = { "if-match": "*" };
  const written = await answer(app, path, { method, token, json, headers });
  const readFrom = readPath ?? `${path}/${JSON.parse(written.text).id}`;
  const reads = [await answer(app, readFrom, { token })];
  for (let n = 0; n < 2; n++) {
    const other = app.another();
    const request = new Request(`${app.url}${readFrom}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const response = await other.fetch(request);
    reads.push({ etag: response.headers.get("etag") ?? "", text: await response.text() });
  }
  for (const read of reads) assert.deepEqual(read, written);
  return written;
}

/** The same content with the fields of every object the other way round. */
function backwards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(backwards);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).toReversed().map(([name, inner]) => [name, backwards(inner)]),
  );
}

/** A plan with every kind of nested object, and amounts that a database could write in another way. */
const wholePlan = {
  ...examplePlan,
  people: [{
    name: "Alex",
    birthDate: "1980-05-01",
    retirementAge: 65,
    lifeExpectancy: 92,
    income: { amount: "120000", growth: 0.02 },
  }],
  accounts: [{
    name: "401k",
    treatment: "tax_deferred",
    balance: "250000.10",
    contribution: { growth: 1e-7, amount: "19500", from: { age: 50 }, until: "retirement" },
    employerMatch: { cap: 0.06, rate: 0.5 },
  }],
  goals: [{ name: "house", amount: "50000", date: "2040-01-01", priority: 2, met: "paid" }],
  withdrawal: { rule: "percent", rate: 0.04, order: ["taxable", "tax_deferred"] },
  allocation: {
    rebalance: "annual",
    feeRate: 0.001,
    glidePath: [{ weights: { cash: 0.5, bonds: 0.5 }, age: 70 }],
    weights: { us_equity: 0.1, bonds: 0.9 },
  },
};

Deno.test("a plan is the same text under one tag from POST, PATCH, restore and GET, however its fields were sent", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const made = await changeAndRead(app, ada, ["POST", "/v1/plans"], backwards(wholePlan));
    const path = `/v1/plans/${JSON.parse(made.text).id}`;
    const patch = { withdrawal: { order: ["roth"], rule: "constant_real", rate: null } };
    const changed = await changeAndRead(app, ada, ["PATCH", path], patch, path);
    assert.notEqual(changed.text, made.text);
    await changeAndRead(app, ada, ["POST", `${path}/versions/1/restore`], undefined, path);
    const again = await app.request("/v1/plans", {
      method: "POST",
      token: ada.token,
      json: { ...wholePlan, id: JSON.parse(made.text).id },
    });
    assert.equal(await again.text(), (await answer(app, path, { token: ada.token })).text);
    const straight = await changeAndRead(app, ada, ["POST", "/v1/plans"], wholePlan);
    const inputs = (text: string) => text.slice(text.indexOf('"name"'));
    assert.equal(inputs(straight.text), inputs(made.text));
  });
});

Deno.test("an alert is the same text under one tag from POST, PATCH and GET", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const made = await changeAndRead(app, ada, ["POST", "/v1/alerts"], {
      repeat: { seconds: 300, mode: "cooldown" },
      channels: ["in_app", "email"],
      expiresAt: "2099-01-01T00:00:00Z",
      note: "über",
      level: "100000.10",
      direction: "above",
      symbol: "AAPL",
      kind: "price",
    });
    const path = `/v1/alerts/${JSON.parse(made.text).id}`;
    const patches = [
      { level: "99999.9", repeat: { mode: "cooldown", seconds: 60 } },
      { repeat: { mode: "once", seconds: null }, expiresAt: null },
    ];
    for (const patch of patches) await changeAndRead(app, ada, ["PATCH", path], patch, path);
  });
});

Deno.test("preferences are the same text under one tag from PUT, PATCH and GET", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const path = "/v1/preferences";
    const whole = {
      addresses: { sms: "+4915112345678", email: "other@example.com" },
      locale: "de",
      digest: { day: "mon", at: "08:00", mode: "weekly" },
      quietHours: { days: ["sun", "mon"], timeZone: "Europe/Berlin", end: "07:00", start: "22:00" },
      channels: { push: { digest: true, welcome: false }, email: { welcome: false } },
    };
    const sent = await changeAndRead(app, ada, ["PUT", path], whole, path);
    await changeAndRead(app, ada, ["PATCH", path], { digest: { mode: "daily", day: null } }, path);
    const patch = { quietHours: { timeZone: "Europe/London", days: null } };
    await changeAndRead(app, ada, ["PATCH", path], patch, path);
    const again = await changeAndRead(app, ada, ["PUT", path], backwards(whole), path);
    const content = (text: string) => text.slice(text.indexOf('"channels"'));
    assert.equal(content(again.text), content(sent.text));
  });
});
