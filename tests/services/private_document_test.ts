import assert from "node:assert/strict";
import { type RedisStandIn, startRedis } from "../../dev/redis/mod.ts";
import { silentLog } from "../../lib/log.ts";
import { createMemoryCache } from "../../lib/memory_cache.ts";
import { openRedis } from "../../lib/redis.ts";
import type { Needs } from "../../services/ctx.ts";
import {
  changedPrivateDocument,
  type PrivateDocument,
  readPrivateDocument,
} from "../../services/private_document.ts";
import { pollUntil } from "../support/poll.ts";

interface World {
  redis: RedisStandIn;
  /** Another process of the same product: the same Redis, memory of its own. */
  isolate(): Isolate;
  /** The owner's row. */
  row: { version: number };
  advance(elapsedMs: number): void;
}

interface Isolate {
  read(load?: () => Promise<PrivateDocument>): Promise<string>;
  /** Commits the next version of the row, and then does what a verb does after its commit. */
  change(): Promise<void>;
  loads(): number;
}

const key = "things:ada";

async function withWorld(work: (world: World) => Promise<void>) {
  const redis = await startRedis();
  const row = { version: 1 };
  let nowMs = 1_000_000;
  const isolate = (): Isolate => {
    const now = () => nowMs;
    const ctx: Needs<"memory" | "now" | "redis"> = {
      now,
      memory: createMemoryCache(now, 100),
      redis: openRedis({
        url: redis.url,
        token: redis.token,
        deadlineMs: 500,
        now,
        log: silentLog,
      }),
    };
    let loads = 0;
    const select = () => (loads++, Promise.resolve(documentOf(row.version)));
    return {
      read: async (load = select) => (await readPrivateDocument(ctx, key, load)).etag,
      async change() {
        row.version++;
        const pending: (() => unknown)[] = [];
        const afterCommit = (next: () => unknown) => void pending.push(next);
        changedPrivateDocument(
          { ...ctx, sql: undefined as never, beforeCommit() {}, afterCommit },
          key,
        );
        for (const next of pending) await next();
      },
      loads: () => loads,
    };
  };
  try {
    await work({ redis, isolate, row, advance: (elapsedMs) => nowMs += elapsedMs });
  } finally {
    await redis.stop();
  }
}

function documentOf(version: number): PrivateDocument {
  return { body: `{"version":${version}}`, etag: `"${version}"` };
}

/** A load that has read the row, and answers only when it is told to. */
function slowLoad(version: number) {
  const begun = Promise.withResolvers<void>();
  const loaded = Promise.withResolvers<PrivateDocument>();
  return {
    load: () => (begun.resolve(), loaded.promise),
    begun: begun.promise,
    finish: () => loaded.resolve(documentOf(version)),
  };
}

Deno.test("a private document is loaded once for every process", async () => {
  await withWorld(async ({ isolate }) => {
    const [one, other] = [isolate(), isolate()];
    assert.equal(await one.read(), '"1"');
    assert.equal(await one.read(), '"1"');
    assert.equal(await other.read(), '"1"');
    assert.deepEqual([one.loads(), other.loads()], [1, 0]);
  });
});

Deno.test("whoever changed a private document reads the new one at once, other processes within a second", async () => {
  await withWorld(async ({ isolate, advance }) => {
    const [one, other] = [isolate(), isolate()];
    await Promise.all([one.read(), other.read()]);
    await one.change();
    assert.equal(await one.read(), '"2"');
    advance(999);
    assert.equal(await other.read(), '"1"');
    advance(1);
    assert.equal(await other.read(), '"2"');
  });
});

Deno.test("a private document that was loaded before a change is never served after it", async () => {
  await withWorld(async ({ isolate, row, advance }) => {
    const [one, other] = [isolate(), isolate()];
    const loads = [slowLoad(row.version), slowLoad(row.version)] as const;
    const early = [one.read(loads[0].load), other.read(loads[1].load)];
    await Promise.all(loads.map(({ begun }) => begun));
    await one.change();
    // Asked for after the change, so the load under way is not good enough.
    assert.equal(await one.read(), '"2"');
    for (const { finish } of loads) finish();
    assert.deepEqual(await Promise.all(early), ['"1"', '"1"']);
    assert.equal(await one.read(), '"2"');
    advance(1_000);
    assert.deepEqual(await Promise.all([one.read(), other.read()]), ['"2"', '"2"']);
  });
});

Deno.test("a slow load does not let a private document live longer in memory than a second from its start", async () => {
  await withWorld(async ({ isolate, row, advance }) => {
    const [one, other] = [isolate(), isolate()];
    const { load, begun, finish } = slowLoad(row.version);
    const slow = other.read(load);
    await begun;
    advance(900);
    await one.change();
    finish();
    assert.equal(await slow, '"1"');
    advance(100);
    assert.equal(await other.read(), '"2"');
  });
});

Deno.test("with Redis away every process reads the owner's row", async () => {
  await withWorld(async ({ isolate, redis, advance }) => {
    const [one, other] = [isolate(), isolate()];
    redis.setFault({ kind: "refuse" });
    await Promise.all([one.read(), other.read()]);
    await one.change();
    assert.equal(await one.read(), '"2"');
    advance(1_000);
    assert.equal(await other.read(), '"2"');
  });
});

Deno.test("a change that Redis could not be told of is not undone by what Redis still holds", async () => {
  await withWorld(async ({ isolate, redis, advance }) => {
    const [one, other] = [isolate(), isolate()];
    await one.read();
    redis.setFault({ kind: "status", status: 503 });
    await one.change();
    assert.equal(await one.read(), '"2"');
    redis.setFault(null);
    // Once Redis is found again, the next read here tells it, and with it everybody else.
    await pollUntil("the other process to be told", async () => {
      advance(1_000);
      assert.equal(await one.read(), '"2"');
      return await other.read() === '"2"';
    });
  });
});
