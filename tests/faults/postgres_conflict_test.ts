import assert from "node:assert/strict";
import { inTransaction } from "../../services/ctx.ts";
import { createPlan, createPlanInput } from "../../services/plans/mod.ts";
import { examplePlan } from "../services/plans/example_plan.ts";
import { type TestApp, withApp } from "../support/app.ts";
import { report } from "./report.ts";

const triesMax = 3;

/** Where a transaction is told that another one is in its way: at a statement, or only when it is to be committed. */
const moments = ["at a statement", "at the commit"] as const;

for (const code of ["40001", "40P01"]) {
  for (const moment of moments) {
    Deno.test(`a transaction that meets ${code} ${moment} is tried thrice at most, and what follows its commit is done once`, async () => {
      await withApp(async (app) => {
        const { token, userId } = await app.signUp();
        await countTries(app, moment);
        const outcomes: string[] = [];
        for (const failures of [0, 1, 2, 3, 50]) {
          const tries = await failFirst(app, code, failures);
          const name = `after ${failures}`;
          const status = await create(app, token, name);
          assert.equal(await tries(), Math.min(failures + 1, triesMax), name);
          const isDone = failures < triesMax;
          assert.equal(status, isDone ? 201 : 503, name);
          assert.deepEqual(await rowsOf(app, name), Array(4).fill(isDone ? 1 : 0), name);
          const hooks = await createDirectly(app, userId, code, failures);
          assert.equal(hooks, isDone ? 1 : 0, name);
          outcomes.push(`${failures}: ${status}`);
        }
        await failFirst(app, code, 0);
        // The one who gave up comes again with the same key.
        assert.equal(await create(app, token, "after 50"), 201);
        assert.deepEqual(await rowsOf(app, "after 50"), [1, 1, 1, 1]);
        app.logged.splice(0);
        report({
          fault: `Postgres answers ${code} ${moment}`,
          done: "for the first 0, 1, 2, 3, 50 tries",
          bar: "3 tries at most, then 503; rows and hooks once",
          measured: outcomes.join(", "),
          met: true,
        });
      });
    });
  }
}

/** A trigger that fails the first tries, as many as are set: sequences go on where transactions are undone. */
async function countTries({ inspect: { sql } }: TestApp, moment: typeof moments[number]) {
  await sql`create sequence tries`;
  await sql`create table failing (code text, times int)`;
  await sql`
    create function fail_first() returns trigger language plpgsql security definer as $$
    declare wanted failing;
    begin
      select * into wanted from failing;
      if nextval('tries') <= wanted.times then
        raise exception 'on purpose' using errcode = wanted.code;
      end if;
      return new;
    end $$`;
  await sql.unsafe(
    moment === "at a statement"
      ? "create trigger fail_first before insert on plan_versions for each row execute function fail_first()"
      : "create constraint trigger fail_first after insert on plan_versions deferrable initially deferred for each row execute function fail_first()",
  );
}

/** Answers how to ask how many tries there were since. */
async function failFirst({ inspect: { sql } }: TestApp, code: string, times: number) {
  await sql`truncate failing`;
  await sql`insert into failing values (${code}, ${times})`;
  await sql`alter sequence tries restart`;
  return async () => {
    const [row] = await sql<{ count: number }[]>`
      select (case when is_called then last_value else 0 end)::int as count from tries`;
    return row?.count ?? 0;
  };
}

async function create(app: TestApp, token: string, name: string): Promise<number> {
  const response = await app.request("/v1/plans", {
    method: "POST",
    token,
    json: { ...examplePlan, name },
    headers: { "idempotency-key": name.replaceAll(" ", "-") },
  });
  const text = await response.text();
  if (response.status !== 201) assert.ok(Number(response.headers.get("retry-after")) > 0, text);
  return response.status;
}

/** Plans of a name, their versions, their audit rows, and the notes of their change. */
async function rowsOf({ inspect: { sql } }: TestApp, name: string): Promise<number[]> {
  const [row] = await sql<{ counts: number[] }[]>`
    with found as (select id from plans where name = ${name})
    select array[
      (select count(*) from found),
      (select count(*) from plan_versions where plan_id in (select id from found)),
      (select count(*) from audit_log where entity_id in (select id::text from found)),
      (select count(*) from changes where entity_id in (select id from found))
    ]::int[] as counts`;
  return row?.counts ?? [];
}

/** The verb itself, with a hook of ours behind its commit; answers how often that ran. */
async function createDirectly(app: TestApp, userId: string, code: string, failures: number) {
  await failFirst(app, code, failures);
  let hooks = 0;
  const ctx = {
    ...app.deps.context("test", { address: "", userAgent: "" }),
    actor: {
      kind: "person" as const,
      userId,
      sessionId: "",
      role: "client",
      permissions: new Set(["plans:write"]),
      expiresAtMs: Infinity,
    },
  };
  const made = inTransaction(ctx, async (tx) => {
    tx.afterCommit(() => hooks++);
    await createPlan(tx, createPlanInput.parse({ ...examplePlan, name: "direct" }));
  });
  await made.catch(() => {});
  return hooks;
}
