import assert from "node:assert/strict";
import { coin, withAlerts } from "./alert_world.ts";
import { enqueueJob } from "../../../services/jobs/mod.ts";
import { inTransaction } from "../../../services/ctx.ts";
import { pollUntil } from "../../support/poll.ts";

const nothing = { events: 0, mails: 0, items: 0 };
const once = { events: 1, mails: 1, items: 1 };

Deno.test("a crossing is told once: by an event in the history, a mail and an item in the inbox, with price and source", async () => {
  await withAlerts(async ({ app, clock, create, get, person, price, settle, sweep, told }) => {
    const { id } = await create({ note: "sell half" });
    assert.equal(await sweep(), 0);
    price(coin, 201.5);
    assert.equal(await sweep(), 1);
    for (let n = 0; n < 3; n++) {
      clock.advance(1_100);
      assert.equal(await sweep(), 0);
    }
    assert.deepEqual(await told(), once);
    const history = await get<{ items: Record<string, string>[] }>(`/v1/alerts/${id}/history`);
    const [event] = history.items;
    assert.deepEqual(
      [event?.price, event?.level, event?.source, event?.acknowledgedAt],
      ["201.50", "200", "yahoo", null],
    );
    const alert = await get(`/v1/alerts/${id}`);
    assert.deepEqual([alert.enabled, alert.armed, alert.firedCount], [false, false, 1]);
    assert.equal(alert.lastFiredAt, event?.at);
    const messages = await get<{ items: { requestId: string }[] }>(
      "/v1/notifications?type=market_alert",
    );
    assert.deepEqual(
      messages.items.map(({ requestId }) => requestId),
      [event?.notificationRequestId, event?.notificationRequestId],
    );
    const inbox = await get<{ items: { title: string; data: Record<string, unknown> }[] }>(
      "/v1/inbox",
    );
    assert.equal(inbox.items[0]?.title, "COIN-USD rose to 201.50 USD");
    assert.equal(inbox.items[0]?.data.alertId, id);
    await settle();
    const mail = app.standIns.sendgrid.messages().at(-1);
    assert.equal(mail?.to[0]?.email, person.email);
    assert.match(mail?.text ?? "", /Your note: sell half/);
  });
});

Deno.test('however often the job "judge_alerts" is delivered, and with sweeps at the same time in two processes, an alert fires once', async () => {
  await withAlerts(async ({ app, create, price, settle, sweep, system, told }) => {
    for (let n = 0; n < 5; n++) await create({ level: `20${n}`, repeat: { mode: "rearm" } });
    price(coin, 300);
    app.standIns.qstash.setFaults({ duplicate: { label: "judge_alerts" } });
    for (const version of [1, 2, 3]) {
      await inTransaction(
        system(),
        (tx) => enqueueJob(tx, { job: "judge_alerts", key: "test", version }),
      );
    }
    app.deps.context("test", { address: "", userAgent: "" }).queue.nudge();
    const { deps } = app.another();
    await Promise.all([sweep(), sweep(deps), sweep(), sweep(deps)]);
    await settle();
    assert.deepEqual(await told(), { events: 5, mails: 5, items: 5 });
  });
});

Deno.test("an older price that comes second neither takes an alert back nor makes it fire again", async () => {
  await withAlerts(async ({ app, clock, create, get, price, sweep, told }) => {
    const { id } = await create({ repeat: { mode: "rearm" } });
    price(coin, 201);
    assert.equal(await sweep(), 1);
    // As if this had been judged by a price of later than the one that comes now.
    await app.inspect.sql`update alerts set seen_at = seen_at + interval '1 hour' where id = ${id}`;
    price(coin, 190);
    assert.equal(await sweep(), 0);
    assert.equal((await get(`/v1/alerts/${id}`)).armed, false);
    price(coin, 201);
    assert.equal(await sweep(), 0);
    clock.advance(1_100);
    assert.deepEqual(await told(), once);
  });
});

/** What can go wrong between noticing a crossing and having told of it, as a trigger that does it. */
const crashes: [what: string, table: string, fault: string][] = [
  ["an error", "notifications", "raise exception 'a fault is set';"],
  ["a lost connection", "notification_events", "perform pg_terminate_backend(pg_backend_pid());"],
  [
    "a lost connection at the very end",
    "alert_events",
    "perform pg_terminate_backend(pg_backend_pid());",
  ],
];

for (const [what, table, fault] of crashes) {
  Deno.test(`${what} while an alert fires loses it not and doubles it not`, async () => {
    await withAlerts(async ({ app, clock, create, get, price, sweep, told }) => {
      const { id } = await create();
      price(coin, 201);
      await app.inspect.sql.unsafe(`
        create function fault() returns trigger language plpgsql as
          $$ begin ${fault} return new; end $$;
        create trigger fault before insert on ${table} for each row execute function fault()`);
      for (let n = 0; n < 2; n++) {
        assert.equal(await sweep(), 0);
        clock.advance(1_100);
      }
      assert.deepEqual(await told(), nothing);
      assert.equal((await get(`/v1/alerts/${id}`)).enabled, true);
      await app.inspect.sql.unsafe(`drop trigger fault on ${table}`);
      assert.equal(await sweep(), 1);
      clock.advance(1_100);
      assert.equal(await sweep(), 0);
      assert.deepEqual(await told(), once);
    });
  });
}

Deno.test("an alert that cannot be told of keeps nobody else's on the same symbol from firing", async () => {
  await withAlerts(async ({ app, create, get, price, sweep }) => {
    const gone = await app.signUp("bob");
    await create({}, gone);
    const { id } = await create();
    await app.inspect.sql`update users set status = 'deleted' where id = ${gone.userId}`;
    price(coin, 201);
    assert.equal(await sweep(), 1);
    assert.equal((await get(`/v1/alerts/${id}`)).firedCount, 1);
  });
});

Deno.test("hundreds that wait for one price fire in one sweep, but for those that cannot be told of", async () => {
  await withAlerts(async ({ app, create, price, sweep, told }) => {
    const gone = await app.signUp("bob");
    const [mine, theirs] = [await create(), await create({}, gone)];
    for (const [{ id }, count] of [[mine, 430], [theirs, 15]] as const) {
      await app.inspect.sql`
        insert into alerts (id, user_id, kind, symbol, direction, level, channels, repeat_mode, side,
                            created_at, updated_at)
        select gen_random_uuid(), user_id, kind, symbol, direction, level, '{in_app}', repeat_mode, side,
               created_at, updated_at
        from alerts, generate_series(1, ${count}) where id = ${id}`;
    }
    await app.inspect.sql`update users set status = 'deleted' where id = ${gone.userId}`;
    price(coin, 201);
    assert.equal(await sweep(), 431);
    assert.equal((await told()).events, 431);
  });
});

Deno.test("a symbol that nobody can price does not keep the others from being judged", async () => {
  await withAlerts(async ({ app, create, price, sweep, told }) => {
    app.standIns.yahoo.setPrice("LOST-USD", 10);
    await create({ symbol: "LOST-USD", level: "20" });
    await create();
    await app.inspect.sql`update alerts set symbol = 'GONE-USD' where symbol = 'LOST-USD'`;
    price(coin, 201);
    assert.equal(await sweep(), 1);
    assert.deepEqual(await told(), once);
    await pollUntil("the log", () => app.logged.some((line) => line.includes("GONE-USD")));
  });
});

Deno.test("a price that is stale, of days ago or from outside of trading hours fires nothing", async () => {
  await withAlerts(async (world) => {
    const { app, clock, create, price, sweep, told } = world;
    await create();
    price(coin, 201);
    app.standIns.yahoo.setFault({ kind: "old" });
    assert.equal(await sweep(), 0);
    clock.advance(1_100);
    app.standIns.yahoo.setFault({ kind: "status", status: 500 });
    assert.equal(await sweep(), 0);
    app.standIns.yahoo.setFault(null);
    // The circuit to the vendor opens at failures in a row, and closes when it has rested.
    clock.advance(11_000);
    assert.equal(await sweep(), 1);
    assert.deepEqual(await told(), once);
  });
});

Deno.test("a share's alert waits for the market to open", async () => {
  await withAlerts(async (world) => {
    const { app, clock, create, sweep, told } = world;
    // A price there is at night too: yesterday's close, which lies above a dollar.
    const { id } = await create({ symbol: "AAPL", direction: "above", level: "1" });
    await app.inspect.sql`update alerts set side = 'below', seen_at = null where id = ${id}`;
    clock.moveTo(nextNight(clock.now()));
    assert.equal(await sweep(), 0);
    assert.deepEqual(await told(), nothing);
    // 15:00 in New York, whatever the season.
    clock.advance(12 * 3_600_000);
    assert.equal(await sweep(), 1);
  }, { MARKET_PROVIDERS: "demo" });
});

/** 08:00 UTC before a Wednesday's trading: three or four in the morning in New York. */
function nextNight(nowMs: number): number {
  const night = new Date(nowMs);
  night.setUTCHours(8, 0, 0, 0);
  do night.setUTCDate(night.getUTCDate() + 1); while (night.getUTCDay() !== 3);
  return night.getTime();
}

Deno.test("an alert that is off, over or put to sleep is not judged", async () => {
  await withAlerts(async ({ app, clock, create, price, sweep, told }) => {
    await create({ enabled: false });
    await create({ expiresAt: new Date(clock.now() + 1_000).toISOString() });
    const { id } = await create();
    await app.inspect.sql`
      update alerts set snoozed_until = ${new Date(clock.now() + 3_600_000)} where id = ${id}`;
    price(coin, 201);
    assert.equal(await sweep(), 0);
    assert.deepEqual(await told(), nothing);
  });
});

Deno.test("an alert that rests is armed again when its rest is over, and fires at the next crossing", async () => {
  await withAlerts(async ({ clock, create, get, price, sweep }) => {
    const { id, version } = await create({ repeat: { mode: "cooldown", seconds: 300 } });
    const at = async (value: number) => {
      price(coin, value);
      return await sweep();
    };
    assert.equal(await at(201), 1);
    assert.equal(await at(199), 0);
    assert.equal(await at(201), 0);
    const resting = await get(`/v1/alerts/${id}`);
    assert.deepEqual([resting.armed, resting.enabled, resting.version], [false, true, version + 1]);
    clock.advance(300_000);
    assert.equal(await at(202), 0);
    const rested = await get(`/v1/alerts/${id}`);
    assert.deepEqual([rested.armed, rested.version], [true, version + 2]);
    assert.equal(await at(199), 0);
    assert.equal(await at(201), 1);
    assert.equal((await get(`/v1/alerts/${id}`)).firedCount, 2);
  });
});

Deno.test("a sweep writes nothing where no price has crossed anything", async () => {
  await withAlerts(async ({ app, clock, create, price, sweep }) => {
    await create({ repeat: { mode: "rearm" } });
    await create({ direction: "below", level: "200", repeat: { mode: "cooldown", seconds: 60 } });
    const rows = async () => {
      const found = await app.inspect.sql<{ xmin: string }[]>`select xmin from alerts order by id`;
      return found.map(({ xmin }) => xmin);
    };
    price(coin, 200);
    await sweep();
    const before = await rows();
    for (let n = 0; n < 3; n++) {
      clock.advance(1_100);
      await sweep();
    }
    assert.deepEqual(await rows(), before);
  });
});
