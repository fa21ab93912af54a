import assert from "node:assert/strict";
import { dayMs, hourMs, minuteMs } from "../../lib/time.ts";
import { asSystem, inTransaction } from "../../services/ctx.ts";
import { enqueueJobs } from "../../services/jobs/mod.ts";
import { coin, withAlerts } from "../services/alerts/alert_world.ts";
import { type TestApp, withApp } from "../support/app.ts";
import { createMovableClock, type MovableClock } from "../support/clock.ts";
import { deliver, type Delivered, type Taker } from "../support/delivery.ts";
import { isQuiet } from "../support/is_quiet.ts";
import { pollUntil } from "../support/poll.ts";
import { seededRandom, shuffled } from "../support/seeded_random.ts";
import { withRole } from "../support/staff.ts";
import { faultsInFull, report } from "./report.ts";

const messageCount = faultsInFull() ? 10_000 : 600;
const seed = 20_260_131;
const nowhere = { address: "", userAgent: "" };

interface Message {
  job: string;
  key: string;
  version: number;
  payload: Record<string, unknown>;
}

/** Two isolates of one product, to which a test delivers as QStash does. */
interface Isolates {
  app: TestApp;
  clock: MovableClock;
  takers: Taker[];
  deliver(taker: number, message: Message): Promise<Delivered>;
  /** Lets time pass until nothing waits and nothing runs. */
  quieten(): Promise<void>;
}

async function withIsolates(work: (isolates: Isolates) => Promise<void>): Promise<void> {
  const clock = createMovableClock();
  await withApp(async (app) => {
    const takers: Taker[] = [(request) => fetch(request), app.another().fetch];
    const quieten = () => untilQuiet(app, clock);
    await work({
      app,
      clock,
      takers,
      quieten,
      deliver: (taker, { job, ...message }) =>
        deliver(takers[taker % takers.length] as Taker, `${app.url}/jobs/${job}`, message, {
          key: app.standIns.qstash.currentSigningKey,
        }),
    });
    await quieten();
  }, { world: { now: clock.now } });
}

async function untilQuiet(app: TestApp, clock: MovableClock): Promise<void> {
  const { qstash } = app.standIns;
  await pollUntil("everything to be quiet", async () => {
    qstash.wake();
    await qstash.idle();
    if (await isQuiet(app)) return true;
    clock.advance(11_000);
    return false;
  }, 300_000);
}

/** People who are there from the beginning, by number. */
async function makePeople(app: TestApp, count: number): Promise<string[]> {
  const rows = await app.inspect.sql<{ id: string }[]>`
    insert into users (id, email, name, password_hash, password_changed_at, created_at)
    select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, n || '@example.com', 'Alex', '', now(), now()
    from generate_series(1, ${count}) n returning id`;
  return rows.map(({ id }) => id);
}

const securityEvent = { event: "A new device signed in", at: "2026-01-30T15:31:02.000Z" };

function tellMessage(userId: string, version: number): Message {
  const payload = { type: "security_alert", data: securityEvent };
  return { job: "notify_person", key: userId, version, payload };
}

/** How often each person was told each thing, by mail. */
async function mailsAsked(app: TestApp): Promise<number> {
  const [row] = await app.inspect.sql<{ count: number }[]>`
    select count(*)::int as count from notifications where type = 'security_alert' and channel = 'email'`;
  return row?.count ?? 0;
}

Deno.test("the same message three times at once, over two isolates, has one effect", async () => {
  await withIsolates(async (isolates) => {
    const { app, quieten } = isolates;
    const rounds = 20;
    const people = await makePeople(app, rounds);
    const counts: Record<string, number> = {};
    for (const userId of people) {
      const message = tellMessage(userId, 1);
      const answers = await Promise.all([0, 1, 0].map((taker) => isolates.deliver(taker, message)));
      for (const { status, outcome } of answers) {
        assert.ok(status === 200 || status === 429, `${status}`);
        const name = outcome ?? String(status);
        counts[name] = (counts[name] ?? 0) + 1;
      }
      assert.equal(answers.filter(({ outcome }) => outcome === "done").length, 1);
      assert.equal((await isolates.deliver(1, message)).outcome, "duplicate");
    }
    await quieten();
    const mails = app.standIns.sendgrid.messages().length;
    const met = await mailsAsked(app) === rounds && mails === rounds;
    report({
      fault: "one message thrice at once",
      done: `${rounds} messages, each three times at once over two isolates`,
      bar: "one effect each",
      measured: JSON.stringify({ ...counts, mails }),
      met,
    });
    assert.ok(met);
  });
});

Deno.test("messages in any order, some of them doubled, come to the same state as in order", async () => {
  const inOrder = await endState((messages) => messages);
  const random = seededRandom(seed);
  let doubled = 0;
  const outOfOrder = await endState((messages) => {
    const again = messages.filter(() => random() < 0.1);
    doubled = again.length;
    return shuffled([...messages, ...again], random);
  });
  const same = JSON.stringify(inOrder.state) === JSON.stringify(outOfOrder.state);
  report({
    fault: "shuffled and doubled messages",
    done:
      `${messageCount} messages over two isolates, shuffled, ${doubled} of them delivered twice`,
    bar: "the state that they come to in order",
    measured: JSON.stringify({
      rows: inOrder.state.length,
      same,
      mails: [inOrder.mails, outOfOrder.mails],
      seconds: [inOrder.seconds, outOfOrder.seconds],
    }),
    met: same && inOrder.mails === outOfOrder.mails,
  });
  assert.deepEqual(outOfOrder.state, inOrder.state);
  assert.equal(outOfOrder.mails, inOrder.mails);
  assert.ok(inOrder.state.length > messageCount / 2);
});

const peopleCount = 100;
const deliveriesAtOnce = 12;

/** Delivers every message, in the order that `arrange` makes of them, and reads what there is afterwards. */
async function endState(arrange: (messages: Message[]) => Message[]) {
  let state: unknown[] = [];
  let mails = 0;
  let seconds = 0;
  await withIsolates(async (isolates) => {
    const { app, quieten } = isolates;
    const people = await makePeople(app, peopleCount);
    const startedMs = performance.now();
    const waiting = arrange(messagesFor(people)).entries();
    const work = async () => {
      for (const [number, message] of waiting) {
        let answer = await isolates.deliver(number, message);
        // As QStash does, a little sooner.
        while (answer.status === 429) answer = await isolates.deliver(number, message);
        assert.equal(answer.status, 200, answer.text);
      }
    };
    await Promise.all(Array.from({ length: deliveriesAtOnce }, work));
    await quieten();
    seconds = Math.round((performance.now() - startedMs) / 1_000);
    mails = app.standIns.sendgrid.messages().length;
    state = [
      ...await app.inspect.sql`
      select 'message' as kind, user_id::text as name, type, channel, dedupe_key as version, status, count(*)::int
      from notifications group by 2, 3, 4, 5, 6
      union all
      select 'run', job, key, '', version::text, state, 1 from job_runs
      where not (job = 'dispatch_notifications' and key not like 'woken%') and job <> 'apply_receipts'
      union all
      select 'letter', job, key, '', version::text, state, 1 from dead_letters
      order by 1, 2, 3, 4, 5, 6`,
    ];
  });
  return { state: state.map((row) => ({ ...row as object })), mails, seconds };
}

/** Of ten messages one only wakes somebody, and the others tell a hundred people things. */
function messagesFor(people: string[]): Message[] {
  return Array.from(
    { length: messageCount },
    (_, number) =>
      number % 10 === 0
        ? { job: "dispatch_notifications", key: `woken_${number}`, version: 1, payload: {} }
        : tellMessage(people[number % people.length] ?? "", number),
  );
}

Deno.test("an alert that nobody could send for a day is not sent any more, and says so; the inbox has had it at once", async () => {
  await withAlerts(async ({ app, clock, create, price, settle, sweep, system, told }) => {
    await create();
    price(coin, 201);
    const before = app.standIns.sendgrid.messages().length;
    assert.equal(await sweep(), 1);
    assert.deepEqual(await told(), { events: 1, mails: 1, items: 1 });
    clock.advance(dayMs);
    // Its wake-up comes only now, and so does the slot of a sweep.
    const slot = Math.floor((clock.now() - dayMs) / 1_000);
    await inTransaction(
      system(),
      (tx) => enqueueJobs(tx, [{ job: "judge_alerts", key: "schedule", version: slot }]),
    );
    await settle();
    const [mail] = await app.inspect.sql<{ status: string; reason: string }[]>`
      select notifications.status, reason from notifications
      join notification_events on notification_id = notifications.id
      where type = 'market_alert' and channel = 'email' order by notification_events.id desc limit 1`;
    assert.equal(mail?.status, "expired");
    assert.match(mail?.reason ?? "", /^of no use after /);
    const sent = app.standIns.sendgrid.messages().length - before;
    assert.equal(sent, 0);
    assert.deepEqual(await told(), { events: 1, mails: 1, items: 1 });
    report({
      fault: "an alert a day late",
      done: "an alert fired, its mail's wake-up and a sweep's slot delivered 24 h later",
      bar: "suppressed or marked late; nothing fires twice",
      measured: JSON.stringify({ status: mail?.status, mailsSent: sent, inInbox: 1 }),
      met: true,
    });
  });
});

Deno.test("a wake-up, a notice and a tick that come a day late do no more than they would now", async () => {
  await withIsolates(async (isolates) => {
    const { app, clock, quieten } = isolates;
    const [userId = ""] = await makePeople(app, 1);
    const tick = { job: "tick", key: "minute", payload: {}, version: minuteOf(clock.now()) };
    assert.equal((await isolates.deliver(0, tick)).outcome, "done");
    const notice = tellMessage(userId, 1);
    assert.equal((await isolates.deliver(0, notice)).outcome, "done");
    await quieten();
    assert.equal(app.standIns.sendgrid.messages().length, 1);
    const wake = { job: "dispatch_notifications", key: "woken", version: 1, payload: {} };
    const late = { ...tick, version: tick.version + 1 };
    clock.advance(dayMs);
    // Of what came in time a copy is late; the others come for the first time.
    assert.equal((await isolates.deliver(1, notice)).outcome, "duplicate");
    assert.equal((await isolates.deliver(1, tick)).outcome, "duplicate");
    assert.equal((await isolates.deliver(1, wake)).outcome, "done");
    assert.equal((await isolates.deliver(0, tellMessage(userId, 2))).outcome, "done");
    assert.equal((await isolates.deliver(0, late)).outcome, "done");
    await quieten();
    assert.equal(app.standIns.sendgrid.messages().length, 2, "the late notice is given, once");
    const slots = await app.inspect.sql<{ job: string; count: number }[]>`
      select job, count(*)::int as count from outbox
      where key = 'schedule' and version * 1000 < ${clock.now() - hourMs}
        and version * 1000 > ${clock.now() - dayMs + 2 * minuteMs} group by job`;
    const made = slots.filter(({ job }) => job !== "delete_old_notes");
    report({
      fault: "messages a day late",
      done: "wake-up, notify_person and tick delivered 24 h late, new ones and copies",
      bar: "copies do nothing; a late tick starts the present slots, not a day of them",
      measured: JSON.stringify({ mails: 2, slotsOfTheDayBetween: made.length }),
      met: true,
    });
    assert.deepEqual(made.filter(({ count }) => count > 1).map((row) => ({ ...row })), []);
  });
});

function minuteOf(ms: number): number {
  return Math.floor(ms / minuteMs);
}

Deno.test("two schedulers that fire one tick, and each tick twice, start one run a slot", async () => {
  await withIsolates(async (isolates) => {
    const { app, clock, quieten } = isolates;
    const { qstash } = app.standIns;
    const tick = (version: number) => ({ job: "tick", key: "minute", payload: {}, version });
    await isolates.deliver(0, tick(1));
    await quieten();
    for (const id of ["first_clock", "second_clock"]) await schedule(app, id);
    qstash.setFaults({ duplicate: { url: "/jobs/tick" } });
    const minutes = 5;
    for (let minute = 0; minute < minutes; minute++) {
      clock.advance(minuteMs);
      for (const id of ["first_clock", "second_clock"]) qstash.fireSchedule(id);
      const version = minuteOf(clock.now());
      const again = [0, 1, 0, 1].map((taker) => isolates.deliver(taker, tick(version + taker)));
      for (const { status } of await Promise.all(again)) {
        assert.ok(status === 200 || status === 429, `${status}`);
      }
      await quieten();
    }
    const runs = await app.inspect.sql<{ job: string; attempts: number; count: number }[]>`
      select job, max(attempts) as attempts, count(*)::int as count from job_runs
      where key = 'schedule' group by job order by job`;
    const published = qstash.messages().filter(({ body }) => JSON.parse(body).key === "schedule");
    const slots = new Set(published.map(({ url, body }) => `${url} ${JSON.parse(body).version}`));
    const [total] = await app.inspect.sql<{ count: number }[]>`
      select count(*)::int as count from job_runs where key = 'schedule'`;
    const met = runs.every(({ attempts }) => attempts === 1) && slots.size === published.length &&
      total?.count === slots.size;
    report({
      fault: "two schedulers",
      done:
        `${minutes} minutes, each ticked by two QStash schedules (each doubled) and four times by hand`,
      bar: "one run a slot",
      measured: JSON.stringify({
        slots: slots.size,
        messages: published.length,
        runs: total?.count,
      }),
      met,
    });
    assert.ok(met, JSON.stringify({ runs, published: published.length, slots: slots.size }));
    assert.ok(slots.size >= minutes);
  });
});

async function schedule({ url, standIns: { qstash } }: TestApp, id: string): Promise<void> {
  const response = await fetch(`${qstash.url}/v2/schedules/${url}/jobs/tick`, {
    method: "POST",
    headers: {
      "authorization": `Bearer ${qstash.token}`,
      "content-type": "application/json",
      // Never by itself within this test: it is fired by hand.
      "upstash-cron": "0 0 1 1 *",
      "upstash-schedule-id": id,
      "upstash-retries": "0",
    },
    body: JSON.stringify({ key: "minute", payload: {} }),
  });
  assert.equal(response.status, 201, await response.text());
}

Deno.test("a hundred dead letters, replayed twice at once while QStash delivers their originals again, have each effect once", async () => {
  await withIsolates(async (isolates) => {
    const { app, clock, quieten } = isolates;
    const { qstash, sendgrid } = app.standIns;
    const count = 100;
    const staff = await withRole(app, await app.signUp("sam"), "admin");
    await quieten();
    const people = await makePeople(app, count);
    const { sql } = app.inspect;
    await sql`update users set status = 'deleted' where id = any(${people}::uuid[])`;
    const ctx = asSystem(app.deps.context("test", nowhere), "test");
    await inTransaction(
      ctx,
      (tx) => enqueueJobs(tx, people.map((userId) => tellMessage(userId, 1))),
    );
    await quieten();
    assert.equal(await countLetters(app, "waiting"), count);
    await sql`update users set status = 'active' where id = any(${people}::uuid[])`;
    const before = sendgrid.messages().length;
    clock.advance(minuteMs);
    const dead = qstash.deadLetters().map(({ dlqId }) => dlqId);
    assert.equal(dead.length, count);

    const [early, late] = [dead.slice(0, count / 2), dead.slice(count / 2)];
    const replays = [0, 1, 0].map((taker) => replayAll(isolates, staff.token, taker));
    const [, ...summaries] = await Promise.all([retryInQstash(app, early), ...replays]);
    await quieten();
    // Letters that another call held just then are taken by a further one, as the answer says.
    summaries.push(await replayAll(isolates, staff.token, 0));
    await quieten();
    const told = await mailsAsked(app);
    // What QStash still has is retried there by hand, after all is over.
    await retryInQstash(app, late);
    await quieten();
    const mails = sendgrid.messages().length - before;
    const replayed = summaries.reduce((total, summary) => total + summary.replayed, 0);
    const afterwards = await mailsAsked(app);
    const met = told === count && afterwards === count && mails === count &&
      replayed === count && await countLetters(app, "waiting") === 0;
    report({
      fault: "replay of dead letters",
      done:
        `${count} letters replayed by filter three times at once, half of their originals delivered again ` +
        "meanwhile, the other half retried out of QStash's DLQ afterwards",
      bar: "each effect once",
      measured: JSON.stringify({ replayed, effects: afterwards, mails }),
      met,
    });
    assert.ok(met, JSON.stringify({ summaries, told, afterwards, mails }));
  });
});

type Summary = Record<"replayed" | "waiting", number>;

async function replayAll(
  { app, takers }: Isolates,
  token: string,
  taker: number,
): Promise<Summary> {
  const response = await (takers[taker] as Taker)(
    new Request(`${app.url}/v1/dead-letter-replays`, {
      method: "POST",
      headers: { "authorization": `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ job: "notify_person", limit: 100 }),
    }),
  );
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text);
}

async function retryInQstash({ standIns: { qstash } }: TestApp, ids: string[]): Promise<void> {
  for (const id of ids) {
    const response = await fetch(`${qstash.url}/v2/dlq/retry/${id}`, {
      method: "POST",
      headers: { authorization: `Bearer ${qstash.token}` },
    });
    assert.equal(response.status, 201, await response.text());
  }
}

async function countLetters(app: TestApp, state: string): Promise<number> {
  const [row] = await app.inspect.sql<{ count: number }[]>`
    select count(*)::int as count from dead_letters where state = ${state}`;
  return row?.count ?? 0;
}
