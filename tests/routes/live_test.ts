import assert from "node:assert/strict";
import { asSystem, inTransaction } from "../../services/ctx.ts";
import { requestNotification } from "../../services/notifications/mod.ts";
import { examplePlan } from "../services/plans/example_plan.ts";
import { type SignedUp, type TestApp, withApp } from "../support/app.ts";
import { createMovableClock } from "../support/clock.ts";
import { type Frame, openEvents, openLive } from "../support/live_client.ts";
import { pollUntil } from "../support/poll.ts";

const of = (channel: string) => (frame: Frame) => frame.channel === channel;
const bearer = ({ token }: SignedUp) => ({ authorization: `Bearer ${token}` });
const nowhere = { address: "", userAgent: "" };

/** Puts a message into somebody's inbox, as the product does. */
async function tell(app: TestApp, { userId }: SignedUp, planName: string): Promise<void> {
  const data = { planName, planId: "p", successPercent: 50 };
  const channels = ["in_app"] as const;
  await inTransaction(
    asSystem(app.deps.context("test", nowhere), "test"),
    (tx) => requestNotification(tx, { userId, type: "plan_ready", data, channels }),
  );
}

async function unread(app: TestApp, { token }: SignedUp): Promise<number> {
  return (await (await app.request("/v1/inbox/badge", { token })).json()).unread;
}

Deno.test("a client signs in by its first message and hears its inbox, without waiting for one answer after the other", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    const client = await openLive(app.url);
    client.send({ op: "auth", token: ada.token });
    client.send({ op: "subscribe", channels: ["inbox"] });
    assert.equal((await client.next(of("inbox"))).data.unread, await unread(app, ada));
    await tell(app, bob, "Bob's");
    await tell(app, ada, "Retire at 65");
    const frame = await client.next(({ data }) => data.title === "Retire at 65 is ready");
    assert.deepEqual(
      [frame.channel, frame.data.type, frame.data.body],
      ["inbox", "plan_ready", "50 of 100 futures work out."],
    );
    const inbox = await app.request("/v1/inbox?limit=1", { token: ada.token });
    assert.equal((await inbox.json()).items[0].id, frame.data.id);
    assert.ok(client.frames.every(({ data }) => !String(data.title).startsWith("Bob")));
    assert.deepEqual(
      client.frames.map(({ id }) => Number(id)),
      client.frames.map((_, at) => at + 1),
    );
    await client.close();
  });
});

Deno.test("a client that is no browser signs in by its header, and another token of the same person prolongs the session", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    const client = await openLive(app.url, bearer(ada));
    client.send({ op: "ping" });
    assert.deepEqual((await client.next(of("session"))).data, { pong: true });
    client.send({ op: "auth", token: ada.token });
    await client.next(({ data }) => data.signedIn === true);
    client.send({ op: "auth", token: bob.token });
    assert.deepEqual(await client.closed, { code: 4403, reason: "another person" });
  });
});

Deno.test("whoever is not signed in hears nothing, and a token that is none ends the session", async () => {
  await withApp(async (app) => {
    const client = await openLive(app.url);
    client.send({ op: "subscribe", channels: ["inbox", "quotes:SPY"] });
    for (const channel of ["inbox", "quotes:SPY"]) {
      assert.deepEqual((await client.next(of(channel))).data, { error: { code: "not_signed_in" } });
    }
    client.send({ op: "auth", token: "a.b.c" });
    assert.deepEqual(await client.closed, { code: 4401, reason: "invalid_token" });
    const ended = await openLive(app.url, { authorization: "Bearer a.b.c" });
    ended.send({ op: "subscribe", channels: ["inbox"] });
    assert.deepEqual((await ended.next(of("inbox"))).data, { error: { code: "not_signed_in" } });
    await ended.close();
  });
});

Deno.test("a channel that does not exist, or is not the caller's, is answered by a frame, and the others open", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    const { simulationId } = await startSimulation(app, bob);
    const client = await openLive(app.url, bearer(ada));
    const wrong = {
      [`simulations:${simulationId}`]: "not_found",
      "simulations:1": "not_found",
      [`simulations:${crypto.randomUUID()}`]: "not_found",
      "quotes:nope": "unknown_symbol",
      "quotes:NOPE": "unknown_symbol",
      "constructor:x": "not_found",
      "gossip": "not_found",
      [`inbox:${bob.userId}`]: "not_found",
    };
    client.send({ op: "subscribe", channels: [...Object.keys(wrong), "quotes:SPY"] });
    await client.next(of("quotes:SPY"));
    for (const [channel, code] of Object.entries(wrong)) {
      assert.equal((await client.next(of(channel))).data.error.code, code, channel);
    }
    await client.close();
  });
});

Deno.test("what makes no sense is answered and harms nothing; what is too large or too much ends the session", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const client = await openLive(app.url, bearer(ada));
    const senseless = ["{", "null", "[]", '{"op":"dance"}', '{"op":"subscribe","channels":[]}'];
    for (const text of senseless) client.send(text);
    client.send({ op: "ping", loudly: true });
    client.send({ op: "ping" });
    await client.next(({ data }) => data.pong === true);
    assert.deepEqual(
      client.frames.slice(0, -1).map(({ data }) => data),
      Array(6).fill({ error: { code: "invalid_request" } }),
    );
    client.send("x".repeat(70_000));
    assert.equal((await client.closed).code, 1009);

    const eager = await openLive(app.url, bearer(ada));
    const channels = Array.from({ length: 40 }, () => `simulations:${crypto.randomUUID()}`);
    for (let n = 0; n < 150; n++) eager.send({ op: "subscribe", channels });
    // 1008, unless the connection is reset under what the client is still sending.
    assert.ok([0, 1008].includes((await eager.closed).code));
  });
});

Deno.test("at most two hundred channels are open at a time", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const client = await openLive(app.url, bearer(ada));
    const symbols = Array.from({ length: 201 }, (_, at) => `T${at}-USD`);
    for (const symbol of symbols) app.standIns.yahoo.setPrice(symbol, 1);
    const channels = symbols.map((symbol) => `quotes:${symbol}`);
    client.send({ op: "subscribe", channels: channels.slice(0, 200) });
    client.send({ op: "subscribe", channels: channels.slice(200) });
    const last = await client.next(of("quotes:T200-USD"));
    assert.equal(last.data.error.code, "too_many_requests");
    client.send({ op: "unsubscribe", channels: channels.slice(0, 1) });
    client.send({ op: "subscribe", channels: channels.slice(200) });
    await client.next(({ channel, data }) => channel === "quotes:T200-USD" && data.price);
    await client.close();
  });
});

Deno.test("a simulation tells how far it is, from the moment of subscribing to its end", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { simulationId } = await startSimulation(app, ada);
    const channel = `simulations:${simulationId}`;
    const client = await openLive(app.url, bearer(ada));
    client.send({ op: "subscribe", channels: [channel] });
    const first = await client.next(of(channel));
    assert.ok(["queued", "running", "succeeded"].includes(first.data.status));
    await app.settle();
    // Whoever comes late is told the end at once.
    const late = await openLive(app.url, bearer(ada));
    late.send({ op: "subscribe", channels: [channel] });
    const { data } = await late.next(of(channel));
    assert.deepEqual([data.status, data.progress], ["succeeded", 1]);
    await Promise.all([client.close(), late.close()]);
  });
});

Deno.test("a quote is told at once and whenever it changes, asked for once a second however many listen", async () => {
  const clock = createMovableClock();
  await withApp(async (app) => {
    const { yahoo } = app.standIns;
    const ada = await app.signUp("ada");
    yahoo.setPrice("COIN-USD", 10);
    const clients = await Promise.all(
      Array.from({ length: 8 }, () => openLive(app.url, bearer(ada))),
    );
    for (const client of clients) client.send({ op: "subscribe", channels: ["quotes:COIN-USD"] });
    for (const client of clients) {
      assert.equal((await client.next(of("quotes:COIN-USD"))).data.price, "10.00");
    }
    const before = yahoo.requests().length;
    yahoo.setPrice("COIN-USD", 11);
    clock.advance(6_000);
    const heard = clients.map((client) => client.next(({ data }) => data.price === "11.00"));
    await Promise.all(heard);
    const asked = yahoo.requests().length - before;
    assert.ok(asked >= 1 && asked <= 3, `${asked} questions for eight listeners`);
    for (const { frames } of clients) {
      assert.deepEqual(frames.map(({ data }) => data.price), ["10.00", "11.00"]);
    }
    await Promise.all(clients.map((client) => client.close()));
  }, { world: { now: clock.now } });
});

Deno.test("what is unsubscribed from is not heard any more, and can be subscribed to again", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const [client, witness] = [
      await openLive(app.url, bearer(ada)),
      await openLive(app.url, bearer(ada)),
    ];
    for (const one of [client, witness]) one.send({ op: "subscribe", channels: ["inbox"] });
    await client.next(of("inbox"));
    client.send({ op: "unsubscribe", channels: ["inbox", "quotes:SPY"] });
    client.send({ op: "ping" });
    await client.next(of("session"));
    const count = client.frames.length;
    await tell(app, ada, "Unheard");
    await witness.next(({ data }) => data.title === "Unheard is ready");
    client.send({ op: "subscribe", channels: ["inbox"] });
    await pollUntil("the first frame", () => client.frames.length > count);
    await tell(app, ada, "Heard");
    await client.next(({ data }) => data.title === "Heard is ready");
    assert.ok(!client.frames.some(({ data }) => data.title === "Unheard is ready"));
    await Promise.all([client.close(), witness.close()]);
  });
});

Deno.test("a session ends with its token, unless a new one is sent in time", async () => {
  const clock = createMovableClock();
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    clock.advance(899_000);
    const refreshed = await app.request("/v1/auth/refresh", {
      method: "POST",
      json: { refreshToken: ada.refreshToken },
    });
    const { accessToken } = await refreshed.json();
    const [ends, stays] = [
      await openLive(app.url, bearer(ada)),
      await openLive(app.url, bearer(ada)),
    ];
    const events = await openEvents(app.url, ["inbox"], ada.token);
    stays.send({ op: "auth", token: accessToken });
    assert.deepEqual(await ends.closed, { code: 4401, reason: "sign in again" });
    await events.ended;
    stays.send({ op: "ping" });
    await stays.next(({ data }) => data.pong === true);
    await stays.close();
  }, { world: { now: clock.now } });
});

Deno.test("whoever has signed out hears nothing more", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const login = await app.request("/v1/auth/login", {
      method: "POST",
      json: { email: ada.email, password: "a-fine-long-passphrase" },
    });
    const { accessToken } = await login.json();
    const [out, stays] = [
      await openLive(app.url, bearer(ada)),
      await openLive(app.url, { authorization: `Bearer ${accessToken}` }),
    ];
    for (const one of [out, stays]) one.send({ op: "subscribe", channels: ["inbox"] });
    for (const one of [out, stays]) await one.next(of("inbox"));
    const signedOut = await app.request("/v1/auth/logout", { method: "POST", token: ada.token });
    assert.equal(signedOut.status, 204);
    await tell(app, ada, "Secret");
    await stays.next(({ data }) => data.title === "Secret is ready");
    assert.deepEqual(await out.closed, { code: 4401, reason: "signed out" });
    assert.ok(!out.frames.some(({ data }) => data.title === "Secret is ready"));
    await stays.close();
  });
});

Deno.test("a client that leaves while its channels are being opened leaves nobody listening", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    app.standIns.yahoo.setPrice("SLOW-USD", 10);
    app.standIns.yahoo.setFault({ kind: "slow", delayMs: 300 });
    const client = await openLive(app.url, bearer(ada));
    client.send({ op: "subscribe", channels: ["quotes:SLOW-USD"] });
    await pollUntil(
      "the question",
      () => app.standIns.yahoo.requests().some(({ symbol }) => symbol === "SLOW-USD"),
    );
    await client.close();
    // A watch that went on would be an interval that outlives the test, which fails it.
    await pollUntil("the answer", async () => {
      const { status } = await app.request("/v1/quotes/SLOW-USD", { token: ada.token });
      return status === 200;
    });
  });
});

Deno.test("server-sent events carry the same frames, to whoever is signed in and names channels", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const events = await openEvents(app.url, ["inbox", "quotes:SPY", "gossip"], ada.token);
    assert.equal((await events.next(of("quotes:SPY"))).data.symbol, "SPY");
    assert.equal((await events.next(of("gossip"))).data.error.code, "not_found");
    assert.deepEqual((await events.next(of("inbox"))).data, { unread: 1 });
    await tell(app, ada, "Retire at 65");
    await events.next(({ data }) => data.title === "Retire at 65 is ready");
    await events.close();
    const refused: [query: string, headers: Record<string, string>, status: number][] = [
      ["?channels=inbox", { accept: "text/event-stream" }, 401],
      ["", { accept: "text/event-stream", ...bearer(ada) }, 422],
      ["?channels=inbox", bearer(ada), 422],
    ];
    for (const [query, headers, status] of refused) {
      const response = await app.request(`/v1/stream${query}`, { headers });
      assert.equal(response.status, status, query);
      await response.body?.cancel();
    }
  });
});

Deno.test("a page of an origin that may call us opens a socket as any other client", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const client = await openLive(app.url, { ...bearer(ada), origin: "https://app.example" });
    client.send({ op: "ping" });
    await client.next(of("session"));
    await client.close();
  }, { env: { CORS_ORIGINS: "https://app.example" } });
});

Deno.test("with Redis away a process still tells its own sockets", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const client = await openLive(app.url, bearer(ada));
    client.send({ op: "subscribe", channels: ["inbox"] });
    await client.next(of("inbox"));
    app.standIns.redis.setFault({ kind: "status", status: 503 });
    await tell(app, ada, "Local");
    await client.next(({ data }) => data.title === "Local is ready");
    app.standIns.redis.setFault(null);
    await client.close();
  });
});

async function startSimulation(app: TestApp, { token }: SignedUp) {
  const created = await app.request("/v1/plans", { method: "POST", token, json: examplePlan });
  const plan = await created.json();
  assert.equal(created.status, 201, JSON.stringify(plan));
  const started = await app.request(`/v1/plans/${plan.id}/simulations`, {
    method: "POST",
    token,
    json: { paths: 1_000, seed: 1 },
  });
  const simulation = await started.json();
  assert.equal(started.status, 202, JSON.stringify(simulation));
  return { simulationId: simulation.id as string };
}
