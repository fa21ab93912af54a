import assert from "node:assert/strict";
import { pause } from "../../lib/time.ts";
import { examplePlan } from "../services/plans/example_plan.ts";
import { type TestApp, withApp } from "../support/app.ts";
import { signToken } from "../support/tokens.ts";
import { type KilledServer, startKilledServer } from "./killed_server.ts";
import { faultsInFull, inSeconds, report } from "./report.ts";

const requests = faultsInFull() ? 1_000 : 600;
// Few enough requests each that no limit of a person's is reached.
const people = 25;
const clientsAtOnce = 16;
const answerMs = 15_000;
/** After so many commits the server is killed. */
const kills = [requests / 4, requests / 2, requests / 4 * 3];

/** A request that a client sends until it is answered: no id of its own, only a key. */
interface Order {
  token: string;
  body: string;
  key: string;
}

interface Answer {
  text: string;
  replayed: boolean;
}

interface Counts {
  sent: number;
  retries: number;
  replays: number;
  kills: number;
}

Deno.test("plans ordered while the server is killed three times are as many plans, each answered once and for all", async () => {
  const startedMs = performance.now();
  await withApp(async (app) => {
    const orders = await makeOrders(app);
    const server = startKilledServer(app);
    const counts: Counts = { sent: 0, retries: 0, replays: 0, kills: 0 };
    try {
      await server.url();
      await killAfter(app, () => {
        counts.kills++;
        server.kill();
      });
      const first = await sendAll(server, orders, counts);
      counts.replays = first.filter(({ replayed }) => replayed).length;
      const rows = await rowsOf(app);
      const elapsedMs = Math.round(performance.now() - startedMs);
      assert.equal(counts.kills, kills.length);
      assert.ok(counts.retries > 0, "the server was killed at work");
      assert.deepEqual(rows, {
        plans: requests,
        versions: requests,
        audited: requests,
        keys: requests,
      });
      const ids = first.map(({ text }) => JSON.parse(text).id as string);
      assert.deepEqual(ids.toSorted(), await planIds(app));

      const again = await sendAll(server, orders, counts);
      assert.ok(again.every(({ replayed }) => replayed));
      assert.deepEqual(again.map(({ text }) => text), first.map(({ text }) => text));
      assert.deepEqual(await rowsOf(app), rows);
      report({
        fault: "the server is killed (SIGKILL), at a commit",
        done: `${counts.kills} times in ${requests} orders; ${clientsAtOnce} clients`,
        bar: "as many plans as orders, each answered alike for good",
        measured: `${rows.plans} plans, ${counts.retries} retries, ${counts.replays} replays, ` +
          inSeconds(elapsedMs),
        met: rows.plans === requests,
      });
    } finally {
      await server.stop();
    }
  });
});

async function makeOrders(app: TestApp): Promise<Order[]> {
  const rows = await app.inspect.sql<{ id: string }[]>`
    insert into users (id, email, name, password_hash, password_changed_at, created_at)
    select gen_random_uuid(), n || '@example.com', 'Alex', '', now(), now()
    from generate_series(1, ${people}) n returning id`;
  const tokens = await Promise.all(rows.map(({ id }) => signToken(app, id, ["plans:write"])));
  return Array.from({ length: requests }, (_, number) => ({
    token: tokens[number % people] ?? "",
    body: JSON.stringify({ ...examplePlan, name: `Plan ${number}` }),
    key: crypto.randomUUID(),
  }));
}

/** Postgres tells of each commit while its answer is on the way: the worst moment for the server to go. */
async function killAfter(app: TestApp, kill: () => void): Promise<void> {
  const { sql } = app.inspect;
  await sql`
    create function tell_commit() returns trigger language plpgsql
    as $$ begin perform pg_notify('committed', new.id::text); return null; end $$`;
  await sql`create trigger committed after insert on plans for each row execute function tell_commit()`;
  let commits = 0;
  await sql.listen("committed", () => {
    if (kills.includes(++commits)) kill();
  });
}

/** Sends every order, so many at once, each until it is answered; the answers in the orders' order. */
async function sendAll(server: KilledServer, orders: Order[], counts: Counts): Promise<Answer[]> {
  const answers: Answer[] = [];
  const waiting = orders.entries();
  async function client() {
    for (const [number, order] of waiting) answers[number] = await send(server, order, counts);
  }
  await Promise.all(Array.from({ length: clientsAtOnce }, client));
  return answers;
}

async function send(server: KilledServer, order: Order, counts: Counts): Promise<Answer> {
  for (;; counts.retries++) {
    const url = await server.url();
    counts.sent++;
    const answer = await attempt(url, order);
    if (answer !== undefined) return answer;
  }
}

/** Undefined where no answer came, or one that asks to try again. */
async function attempt(url: string, { token, body, key }: Order): Promise<Answer | undefined> {
  try {
    const response = await fetch(`${url}/v1/plans`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "idempotency-key": key,
      },
      body,
      signal: AbortSignal.timeout(answerMs),
    });
    const text = await response.text();
    const replayed = response.headers.has("idempotency-replayed");
    if (response.status === 201) return { text, replayed };
    const waitSeconds = Number(response.headers.get("retry-after"));
    assert.ok([409, 429, 503].includes(response.status) && waitSeconds > 0, text);
    await pause(waitSeconds * 1_000);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    // The server is gone. The next one is asked as soon as it listens.
    await pause(10);
  }
}

async function rowsOf({ inspect: { sql } }: TestApp) {
  const [row] = await sql`
    select (select count(*) from plans)::int as plans,
           (select count(*) from plan_versions)::int as versions,
           (select count(*) from audit_log where action = 'plan.created')::int as audited,
           (select count(*) from idempotency_keys)::int as keys`;
  return { ...row };
}

async function planIds({ inspect: { sql } }: TestApp): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`select id from plans order by id::text`;
  return rows.map(({ id }) => id);
}
