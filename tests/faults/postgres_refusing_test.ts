import assert from "node:assert/strict";
import { examplePlan } from "../services/plans/example_plan.ts";
import type { SignedUp } from "../support/app.ts";
import { pollUntil } from "../support/poll.ts";
import { type Door, withDoor } from "../workers/door.ts";
import { effectJob, sendingTo } from "./effect_job.ts";
import { type OwnPostgres, withOwnPostgres } from "./own_postgres.ts";
import { report } from "./report.ts";

/** What people read; none of it may need to write. */
const reads = [
  "/v1/plans",
  "/v1/home",
  "/v1/preferences",
  "/v1/alerts",
  "/v1/watchlists",
  "/v1/changes",
  "/v1/quotes/AAPL",
];

interface Refusing {
  fault: string;
  /** Undefined where this machine cannot do it. */
  begin(door: Door, postgres: OwnPostgres): Promise<(() => Promise<void>) | undefined>;
}

const faults: Refusing[] = [
  {
    fault: "Postgres is read-only (25006)",
    async begin({ app: { inspect: { sql } } }) {
      await sql`alter system set default_transaction_read_only = on`;
      await sql`select pg_reload_conf()`;
      return async () => {
        await sql`alter system reset default_transaction_read_only`;
        await sql`select pg_reload_conf()`;
      };
    },
  },
  {
    fault: "Postgres' disk is full (53100 from a trigger, at the last row)",
    async begin({ app: { inspect: { sql } } }) {
      await sql`
        create function full_disk() returns trigger language plpgsql as $$
        begin raise exception 'No space left on device' using errcode = '53100'; end $$`;
      const tables = ["idempotency_keys", "audit_log", "effects"];
      for (const table of tables) {
        await sql`create trigger full_disk before insert on ${sql(table)}
          for each row execute function full_disk()`;
      }
      return async () => void await sql`drop function full_disk cascade`;
    },
  },
  {
    fault: "Postgres' disk is full (a small disk of its own)",
    async begin({ app: { inspect: { sql } } }, postgres) {
      const disk = await mountDisk(postgres);
      if (disk === undefined) return undefined;
      await sql.unsafe(`create tablespace small location '${disk}'`);
      for (const table of ["plans", "plan_versions", "effects"]) {
        await sql.unsafe(`alter table ${table} set tablespace small`);
      }
      await sql`create table filler (bytes text) tablespace small`;
      await sql`alter table filler alter column bytes set storage plain`;
      for (const rows of [1_000, 100, 10, 1]) {
        const fill = () =>
          sql`insert into filler select repeat('x', 7000) from generate_series(1, ${rows})`;
        while (await fill().then(() => true, () => false));
      }
      // What is left free within the pages that there are would take some more.
      return async () => void await sql`drop table filler`;
    },
  },
];

for (const { fault, begin } of faults) {
  Deno.test(`while ${fault}, writes and jobs are answered 503, nothing is half-written, and reads go on`, async () => {
    await withOwnPostgres((postgres) =>
      withDoor([effectJob], async (door) => {
        const person = await door.app.signUp();
        const end = await begin(door, postgres);
        if (end === undefined) return console.log(`  ${fault}: not on this machine`);
        const send = sendingTo(door);
        await pollUntil("the first refusal", async () =>
          await create(door, person, "before") === 503);
        await pollUntil("a refused job", async () =>
          (await send(++earlier)).status === 503);
        const before = await countAll(door);
        for (let times = 0; times < 5; times++) {
          assert.equal(await create(door, person, "during"), 503);
          await assertRefused(await send(-1));
        }
        for (const path of reads) {
          const response = await door.app.request(path, { token: person.token });
          assert.equal(response.status, 200, `${path}: ${await response.text()}`);
        }
        assert.deepEqual(await countAll(door), before);
        await end();
        await pollUntil("a write", async () => await create(door, person, "during") === 201);
        assert.equal((await send(-1)).status, 200);
        const effects = await door.app.inspect.sql`select from effects where message = '-1'`;
        assert.equal(effects.length, 1);
        const after = await countAll(door);
        assert.equal(after.plans, before.plans + 1);
        assert.equal(after.versions, before.versions + 1);
        door.app.logged.splice(0);
        report({
          fault,
          done: `5 writes, 5 deliveries, ${reads.length} reads`,
          bar: "503 with Retry-After, nothing half-written, reads 200, later all done",
          measured: "so it was",
          met: true,
        });
      }, { database: postgres.newDatabase, env: { MARKET_PROVIDERS: "demo" } })
    );
  });
}

let earlier = 0;

/** A plan under one key for each name; answers the status, and looks at what a refusal says. */
async function create({ app }: Door, { token }: SignedUp, name: string): Promise<number> {
  // On the way to a full disk every try is another plan.
  const key = name === "before" ? crypto.randomUUID() : name;
  const response = await app.request("/v1/plans", {
    method: "POST",
    token,
    json: { ...examplePlan, name },
    headers: { "idempotency-key": key },
  });
  const text = await response.text();
  if (response.status !== 201) {
    await assertRefused({ status: response.status, headers: response.headers, text });
  }
  return response.status;
}

function assertRefused(answer: { status: number; headers: Headers; text: string }) {
  assert.equal(answer.status, 503, answer.text);
  assert.ok(Number(answer.headers.get("retry-after")) > 0);
}

async function countAll({ app: { inspect: { sql } } }: Door) {
  const [row] = await sql<Record<"plans" | "versions" | "audited" | "keys" | "effects", number>[]>`
    select (select count(*) from plans)::int as plans,
           (select count(*) from plan_versions)::int as versions,
           (select count(*) from audit_log where action = 'plan.created')::int as audited,
           (select count(*) from idempotency_keys)::int as keys,
           (select count(*) from effects)::int as effects`;
  assert.ok(row);
  const { plans, versions, audited, keys } = row;
  assert.deepEqual([versions, audited, keys], [plans, plans, plans], "nothing half-written");
  return { ...row };
}

/** A disk of 4 MB that Postgres may write on; undefined where this account may mount none. */
async function mountDisk({ account, atEnd }: OwnPostgres): Promise<string | undefined> {
  if (Deno.uid() !== 0 || account === undefined) return undefined;
  const folder = await Deno.makeTempDir({ dir: "/var/tmp", prefix: "almanac-disk-" });
  const owner = `uid=${account.uid},gid=${account.gid},mode=700`;
  const mount = ["-t", "tmpfs", "-o", `size=4m,${owner}`, "tmpfs", folder];
  const { success } = await new Deno.Command("mount", { args: mount, stderr: "null" }).output();
  atEnd(async () => {
    if (success) await new Deno.Command("umount", { args: [folder] }).output();
    await Deno.remove(folder, { recursive: true });
  });
  return success ? folder : undefined;
}
