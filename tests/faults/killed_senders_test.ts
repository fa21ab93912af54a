import assert from "node:assert/strict";
import { eventOf } from "../../dev/vendors/sendgrid/events.ts";
import { pause, stopwatch } from "../../lib/time.ts";
import { asSystem, inTransaction } from "../../services/ctx.ts";
import { upsertTickSchedule } from "../../services/jobs/mod.ts";
import { requestNotification } from "../../services/notifications/mod.ts";
import { canMove } from "../../services/notifications/model/mod.ts";
import type { Status } from "../../services/notifications/schema.ts";
import { alertData } from "../services/notifications/message_world.ts";
import { isQuiet } from "../support/is_quiet.ts";
import { pollUntil } from "../support/poll.ts";
import { seededRandom } from "../support/seeded_random.ts";
import type { TestApp } from "../support/app.ts";
import { faultsInFull, report } from "./report.ts";
import { withWorkers, type Workers, type WorkerWorld } from "./workers.ts";

const [messageCount, killCount] = faultsInFull() ? [5_000, 20] : [240, 4];
const people = 50;
const workerCount = 2;
const seed = 20_260_130;
/** Of the vendor's answers: refused for good reason or none, and lost although the mail was taken. */
const refusedRate = 0.05;
const swallowedRate = 0.02;
const receiptStepMs = 13_000;

interface Variant {
  /** The vendor sends nothing twice under the same key; SendGrid is no such vendor. */
  idempotent: boolean;
  /** The vendor reports what became of each mail. */
  receipts: boolean;
}

/** What a run came to. */
interface Figures {
  seconds: number;
  kills: number;
  swallowed: number;
  refused: number;
  /** Mails that the vendor took, however often. */
  rawCalls: number;
  /** Mails more than messages, in people's mailboxes. */
  duplicates: number;
  /** Messages that went out more than once, and more than twice: their senders were killed twice. */
  doubled: number;
  thrice: number;
  lost: number;
  /** Under way to the vendor in a process that was killed. */
  inFlight: number;
  /** Messages whose row says that they may have been sent twice. */
  marked: number;
  dead: number;
}

Deno.test("with senders killed at work, a vendor that takes a key sends each message once and none is lost", async () => {
  const { figures } = await run({ idempotent: true, receipts: false });
  const met = figures.lost === 0 && figures.duplicates === 0;
  tell("with a key, without receipts", "lost 0, doubled in effect 0", figures, met);
  assert.ok(met);
});

Deno.test("with senders killed at work, a vendor without a key sends again only what was in doubt, and that is marked", async () => {
  const { figures, undoubted } = await run({ idempotent: false, receipts: false });
  const met = isMet(figures, undoubted);
  tell("without a key or receipts", openBar, figures, met);
  assert.ok(met, JSON.stringify({ figures, undoubted }));
});

Deno.test("with senders killed at work, receipts keep most of what was in doubt from being sent twice", async () => {
  const { figures, undoubted } = await run({ idempotent: false, receipts: true });
  const met = isMet(figures, undoubted);
  tell("without a key, with receipts", openBar, figures, met);
  assert.ok(met, JSON.stringify({ figures, undoubted }));
});

const openBar =
  "lost 0; duplicates at most answers lost + sends in flight at the kills, each of them marked";

/** Nobody can know whether what was in doubt went out: it is sent again rather than lost, once for each doubt. */
function isMet({ lost, duplicates, swallowed, inFlight }: Figures, undoubted: string[]): boolean {
  return lost === 0 && duplicates <= swallowed + inFlight && undoubted.length === 0;
}

function tell(variant: string, bar: string, figures: Figures, met: boolean) {
  report({
    fault: "kill -9 of senders",
    done:
      `${messageCount} mails over ${workerCount} processes, ${killCount} kills; vendor ${variant}, ` +
      `refuses ${refusedRate * 100} %, loses ${swallowedRate * 100} % of its answers; ` +
      "QStash doubles 5 %, loses 2 % of acknowledgements",
    bar,
    measured: JSON.stringify(figures),
    met,
  });
}

async function run({ idempotent, receipts }: Variant) {
  let result: Awaited<ReturnType<typeof examine>> | undefined;
  await withWorkers(async (world) => {
    const { app } = world;
    const { sendgrid, qstash } = app.standIns;
    await ask(app);
    sendgrid.setIdempotent(idempotent);
    sendgrid.setFault([
      { kind: "status", status: 500, rate: refusedRate / 2 },
      { kind: "status", status: 429, retryAfter: "5", rate: refusedRate / 2 },
      { kind: "swallow", rate: swallowedRate },
    ]);
    qstash.setFaults({
      duplicate: { rate: 0.05 },
      dropAcknowledgement: { rate: 0.02 },
      random: seededRandom(seed),
    });
    await tickEachMinute(app);
    const workers = await world.startWorkers(workerCount);
    const elapsedMs = stopwatch();
    const over = new AbortController();
    const background = [killAtWork(app, workers, over.signal)];
    const postman = { posted: -1 };
    if (receipts) background.push(postReceipts(world, postman, over.signal));
    app.deps.context("test", nowhere).queue.nudge();
    await world.passTimeUntil(
      "every message to be over",
      async () => {
        const isPosted = () => postman.posted === sendgrid.messages().length;
        if (receipts) await pollUntil("the receipts to be posted", isPosted);
        await qstash.idle();
        return await isOver(app);
      },
      // Receipts come within seconds of a mail, or of a retry after a kill, and leases end after a minute.
      receipts ? receiptStepMs : undefined,
    );
    const seconds = Math.round(elapsedMs() / 100) / 10;
    over.abort();
    await Promise.all(background);
    result = await examine(app, seconds);
    // Runs that nobody comes back to are ended by the clock; only then may it stop.
    const noneRuns = async () => await app.inspect.waitingJobs() === 0;
    await world.passTimeUntil("every run to be over", noneRuns);
    await stopTicking(app);
    await world.passTimeUntil("every message of QStash to be over", () => isQuiet(app));
  }, receipts ? {} : { SENDGRID_WEBHOOK_PUBLIC_KEY: "" });
  assert.ok(result);
  return result;
}

const nowhere = { address: "", userAgent: "" };

/** Asks for every message as a job would, and wakes nobody yet. */
async function ask(app: TestApp): Promise<void> {
  const users = await app.inspect.sql<{ id: string }[]>`
    insert into users (id, email, name, password_hash, password_changed_at, created_at)
    select gen_random_uuid(), n || '@example.com', 'Alex', '', now(), now()
    from generate_series(1, ${people}) n returning id`;
  const base = asSystem(app.deps.context("test", nowhere), "test");
  const ctx = { ...base, queue: { ...base.queue, nudge() {} } };
  const each = Math.ceil(messageCount / people);
  for (const [index, { id }] of users.entries()) {
    const count = Math.min(each, messageCount - index * each);
    await inTransaction(ctx, async (tx) => {
      for (let number = 0; number < count; number++) {
        await requestNotification(tx, {
          userId: id,
          type: "market_alert",
          data: alertData,
          channels: ["email"],
          dedupeKey: String(number),
        });
      }
    });
  }
}

async function tickEachMinute({ deps: { settings } }: TestApp): Promise<void> {
  await upsertTickSchedule({
    url: settings.qstashUrl,
    token: settings.qstashToken,
    publicUrl: settings.publicUrl,
  });
}

async function stopTicking({ standIns: { qstash } }: TestApp): Promise<void> {
  const response = await fetch(`${qstash.url}/v2/schedules/almanac_tick`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${qstash.token}` },
  });
  assert.equal(response.status, 200);
  await response.body?.cancel();
}

/** Kills a process, drawn by lot, whenever the vendor has got a number of mails that was drawn beforehand. */
async function killAtWork(app: TestApp, workers: Workers, over: AbortSignal): Promise<void> {
  const random = seededRandom(seed + 1);
  const at = Array.from({ length: killCount }, () => random() * messageCount * 0.95)
    .toSorted((one, other) => one - other);
  for (const taken of at) {
    const isTime = () => app.standIns.sendgrid.takenCount() >= taken && workers.living().length > 0;
    while (!over.aborted && !isTime()) await pause(1);
    if (over.aborted) return;
    const living = workers.living();
    workers.kill(living[Math.floor(random() * living.length)] ?? 0);
    kills.set(app, (kills.get(app) ?? 0) + 1);
  }
}

const kills = new WeakMap<TestApp, number>();

/** Reports each mail as taken and delivered a moment later, and again until that is acknowledged, as SendGrid does. */
async function postReceipts(
  { app, url }: WorkerWorld,
  postman: { posted: number },
  over: AbortSignal,
): Promise<void> {
  const { sendgrid } = app.standIns;
  let seen = 0;
  let waiting: object[] = [];
  while (!over.aborted) {
    const mails = sendgrid.messages().slice(seen);
    seen += mails.length;
    const fresh = mails.flatMap((mail) => [eventOf(mail, "processed"), eventOf(mail, "delivered")]);
    waiting = [...waiting, ...fresh];
    await pause(100);
    const batch = waiting.slice(0, 500);
    if (batch.length === 0) {
      postman.posted = seen;
      continue;
    }
    const { status } = await sendgrid.sendReceipts(`${url}/webhooks/sendgrid`, batch);
    if (status !== undefined && status < 300) waiting = waiting.slice(batch.length);
  }
}

async function isOver(app: TestApp): Promise<boolean> {
  const [row] = await app.inspect.sql<{ open: number }[]>`
    select (select count(*) from notifications
            where status in ('queued', 'held', 'scheduled', 'sending'))::int
         + (select count(*) from receipts where applied_at is null)::int as open`;
  return row?.open === 0;
}

interface Row {
  id: string;
  status: string;
  maybe_sent: boolean;
  in_flight: number;
  /** How often its trace says that it may have been sent. */
  doubts: number;
}

async function examine(app: TestApp, seconds: number) {
  const { sendgrid } = app.standIns;
  const rows = await app.inspect.sql<Row[]>`
    select id, status, maybe_sent,
           (select count(*)::int from notification_events
            where notification_id = notifications.id and reason like 'its sender ended without a word%') as in_flight,
           (select count(*)::int from notification_events
            where notification_id = notifications.id and reason ~ 'maybe sent|may have been sent') as doubts
    from notifications`;
  assert.equal(rows.length, messageCount);
  await assertForward(app);
  const mails = Map.groupBy(
    sendgrid.messages(),
    ({ customArguments }) => customArguments.notificationId,
  );
  const timesOf = ({ id }: Row) => mails.get(id)?.length ?? 0;
  const doubled = rows.filter((row) => timesOf(row) > 1);
  const [refused = 0, limited = 0, swallowed = 0] = sendgrid.faultHits();
  const figures: Figures = {
    seconds,
    kills: kills.get(app) ?? 0,
    swallowed,
    refused: refused + limited,
    rawCalls: sendgrid.takenCount(),
    duplicates: sendgrid.messages().length - mails.size,
    doubled: doubled.length,
    thrice: doubled.filter((row) => timesOf(row) > 2).length,
    lost: rows.filter((row) => timesOf(row) === 0).length,
    inFlight: rows.reduce((sum, row) => sum + row.in_flight, 0),
    marked: rows.filter(({ maybe_sent }) => maybe_sent).length,
    dead: rows.filter(({ status }) => status === "dead").length,
  };
  assert.equal(figures.kills, killCount);
  // Every mail beyond the first has a doubt of its own in the trace, and the row is marked.
  const undoubted = doubled.filter((row) => !row.maybe_sent || row.doubts < timesOf(row) - 1);
  return { figures, undoubted: undoubted.map(({ id }) => id) };
}

const waiting = new Set<string>(["queued", "held", "scheduled", "sending"]);

/** What has left us never waits again, and what a vendor reports never goes back. */
async function assertForward(app: TestApp): Promise<void> {
  const events = await app.inspect.sql<{ notification_id: string; status: Status }[]>`
    select notification_id, status from notification_events where moved order by notification_id, id`;
  for (const [index, { notification_id, status }] of events.entries()) {
    const before = events[index - 1];
    if (before?.notification_id !== notification_id) continue;
    const from = waiting.has(before.status) ? "sending" : before.status;
    const fits = from === "sending" && waiting.has(status) || canMove(from, status);
    assert.ok(fits, `${before.status} -> ${status}`);
  }
}
