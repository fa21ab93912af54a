import assert from "node:assert/strict";
import { inSavepoint, type Sql } from "../../../lib/database.ts";
import { fail, isFailure } from "../../../lib/errors.ts";
import { dayMs } from "../../../lib/time.ts";
import { asSystem, type Ctx, type InTransaction } from "../../../services/ctx.ts";
import {
  answerOnce,
  deleteIdempotencyKeys,
  findAnswer,
  type KeptAnswer,
  type KeyedRequest,
} from "../../../services/jobs/mod.ts";
import { type TestApp, withApp } from "../../support/app.ts";

const created: KeptAnswer = { status: 201, headers: { etag: '"1"' }, body: '{"id":1}' };
const refusal: KeptAnswer = { status: 409, headers: {}, body: '{"code":"conflict"}' };

const request: KeyedRequest = {
  userId: "0190b0f0-0000-7000-8000-000000000001",
  route: "POST /v1/notes",
  key: "k",
  fingerprint: new Uint8Array(32).fill(1),
};

interface World {
  app: TestApp;
  ctx: Ctx;
  /** Notes that were written and kept. */
  notes(): Promise<string[]>;
  keys(): Promise<number>;
}

async function withNotes(work: (world: World) => Promise<void>): Promise<void> {
  await withApp(async (app) => {
    const { sql } = app.inspect;
    await sql`create table notes (text text not null)`;
    await sql`grant all on notes to almanac_app, almanac_system`;
    const actor = {
      kind: "person" as const,
      userId: request.userId,
      sessionId: request.userId,
      role: "client",
      permissions: new Set<string>(),
      expiresAtMs: Infinity,
    };
    const ctx = { ...app.deps.context("test", { address: "", userAgent: "" }), actor };
    await work({
      app,
      ctx,
      notes: async () => (await sql`select text from notes order by 1`).map(({ text }) => text),
      keys: async () => (await sql`select from idempotency_keys`).length,
    });
  });
}

const write = (sql: Sql, text: string) => sql`insert into notes (text) values (${text})`;

/** Writes a note, then does what the test wants of it. */
function noting(text: string, then: (tx: InTransaction) => unknown = () => {}) {
  return {
    async run(tx: Ctx & InTransaction) {
      await write(tx.sql, text);
      await then(tx);
      return created;
    },
    refusalOf: (error: unknown) =>
      Promise.resolve(isFailure(error, "conflict") ? refusal : undefined),
  };
}

Deno.test("answerOnce() keeps the work and its answer together, and gives the answer again without the work", async () => {
  await withNotes(async ({ ctx, notes }) => {
    assert.deepEqual(await answerOnce(ctx, request, noting("one")), {
      answer: created,
      replayed: false,
    });
    const again = await answerOnce(ctx, request, noting("two"));
    assert.deepEqual(again, { answer: created, replayed: true });
    assert.deepEqual(await findAnswer(ctx, request), created);
    assert.deepEqual(await notes(), ["one"]);
  });
});

Deno.test("what breaks after the work was written leaves neither the work nor a key, and can be tried again", async () => {
  await withNotes(async ({ ctx, notes, keys }) => {
    const crash = new Error("crash");
    const broken = noting("one", () => {
      throw crash;
    });
    await assert.rejects(answerOnce(ctx, request, broken), crash);
    const away = noting("one", () => fail("unavailable"));
    await assert.rejects(
      answerOnce(ctx, request, away),
      (error) => isFailure(error, "unavailable"),
    );
    assert.deepEqual([await notes(), await keys()], [[], 0]);
    assert.equal((await answerOnce(ctx, request, noting("one"))).replayed, false);
    assert.deepEqual(await notes(), ["one"]);
  });
});

Deno.test("a connection that breaks after the answer was written, before the commit, leaves nothing", async () => {
  await withNotes(async ({ app, ctx, notes, keys }) => {
    const cut = {
      ...ctx,
      database: {
        ...ctx.database,
        transaction: ((session, work) =>
          ctx.database.transaction(session, async (sql) => {
            await work(sql);
            const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
            await app.inspect.sql`select pg_terminate_backend(${row?.pid ?? 0}, 5000)`;
            return fail("internal");
          })) as Ctx["database"]["transaction"],
      },
    };
    await assert.rejects(answerOnce(cut, request, noting("one")));
    assert.deepEqual([await notes(), await keys()], [[], 0]);
    assert.equal((await answerOnce(ctx, request, noting("one"))).replayed, false);
  });
});

Deno.test("a final refusal is kept in place of what was written for it, also where the database refused", async () => {
  await withNotes(async ({ ctx, notes, keys }) => {
    const refused = noting("one", async ({ sql }) => {
      await sql`select 1 / 0`.catch((cause) => fail("conflict", { cause }));
    });
    const first = await answerOnce(ctx, request, refused);
    assert.deepEqual(first, { answer: refusal, replayed: false });
    const again = await answerOnce(ctx, request, noting("two"));
    assert.deepEqual(again, { answer: refusal, replayed: true });
    assert.deepEqual([await notes(), await keys()], [[], 1]);
  });
});

Deno.test("what waits for the commit happens once, after it; after a refusal it never happens", async () => {
  await withNotes(async ({ ctx, notes }) => {
    const seen: string[][] = [];
    const look = ({ afterCommit }: InTransaction) =>
      afterCommit(async () => seen.push(await notes()));
    const refused = noting("refused", (tx) => {
      look(tx);
      fail("conflict");
    });
    await answerOnce(ctx, { ...request, key: "refused" }, refused);
    assert.deepEqual(seen, []);
    await answerOnce(ctx, request, noting("one", look));
    await answerOnce(ctx, request, noting("two", look));
    assert.deepEqual(seen, [["one"]]);
  });
});

Deno.test("while a key is at work the same one is refused, whatever it brings; then it is compared", async () => {
  await withNotes(async ({ ctx }) => {
    const other = { ...request, fingerprint: new Uint8Array(32).fill(2) };
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const first = answerOnce(
      ctx,
      request,
      noting("one", async () => {
        begun.resolve();
        await end.promise;
      }),
    );
    await begun.promise;
    for (const asked of [request, other]) {
      await assert.rejects(
        answerOnce(ctx, asked, noting("two")),
        (error) =>
          isFailure(error, "idempotency_key_running") && error.details.retryAfterSeconds === 1,
      );
    }
    // Another key of the same person is not held up.
    await answerOnce(ctx, { ...request, key: "other" }, noting("three"));
    end.resolve();
    await first;
    assert.equal((await answerOnce(ctx, request, noting("two"))).replayed, true);
    for (const ask of [() => answerOnce(ctx, other, noting("two")), () => findAnswer(ctx, other)]) {
      await assert.rejects(ask, (error) => isFailure(error, "idempotency_key_reused"));
    }
  });
});

Deno.test("work that acts as the product itself keeps its answer with the person who asked", async () => {
  await withNotes(async ({ ctx }) => {
    await answerOnce(asSystem(ctx, "test"), request, noting("one"));
    assert.deepEqual(await findAnswer(ctx, request), created);
  });
});

Deno.test("inSavepoint() undoes what failed and nothing else, also one within another", async () => {
  await withNotes(async ({ ctx, notes }) => {
    await ctx.database.transaction(
      { role: "almanac_system", userId: "", staff: false },
      async (sql) => {
        await write(sql, "before");
        await inSavepoint(sql, async () => {
          await write(sql, "outer");
          await inSavepoint(sql, async () => {
            await write(sql, "inner");
            throw new Error("inner");
          }).catch(() => {});
        });
        await inSavepoint(sql, async () => {
          await write(sql, "undone");
          throw new Error("undone");
        }).catch(() => {});
        await write(sql, "after");
      },
    );
    assert.deepEqual(await notes(), ["after", "before", "outer"]);
  });
});

Deno.test("deleteIdempotencyKeys() forgets every key whose day is over, in batches, and no other", async () => {
  await withNotes(async ({ app, ctx, keys }) => {
    const now = ctx.now();
    await app.inspect.sql`
      insert into idempotency_keys (user_id, route, key, fingerprint, status, headers, body, created_at)
      select gen_random_uuid(), 'POST /v1/notes', n::text, ${request.fingerprint}, 201, '{}', '',
             ${new Date(now - dayMs)}::timestamptz + (n - 4500) * interval '1 second'
      from generate_series(1, 4510) n`;
    await assert.rejects(deleteIdempotencyKeys(ctx), (error) => isFailure(error, "forbidden"));
    const system = asSystem({ ...ctx, now: () => now }, "test");
    assert.equal(await deleteIdempotencyKeys(system), 4_499);
    assert.equal(await keys(), 11);
    assert.equal(await deleteIdempotencyKeys(system), 0);
  });
});
