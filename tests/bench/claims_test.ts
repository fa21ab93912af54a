import assert from "node:assert/strict";
import postgres from "postgres";
import { type Backlog, bare, notifications, outbox } from "../../bench/claims/backlog.ts";
import { drain, openClaimers } from "../../bench/claims/drain.ts";
import { quantile } from "../../bench/jobs/deliver.ts";
import { startServer } from "../../bench/servers.ts";
import { ask } from "../../bench/wire.ts";
import { cloneDatabase } from "../support/database.ts";

const rowCount = 2_000;

async function withBacklog(backlog: Backlog, work: (url: string) => Promise<void>): Promise<void> {
  const { url, drop } = await cloneDatabase();
  const owner = postgres(url, { max: 1, onnotice() {} });
  try {
    await backlog.fill(owner, rowCount);
    await work(url);
  } finally {
    await owner.end();
    await drop();
  }
}

for (const [name, backlog] of Object.entries({ notifications, outbox, bare })) {
  Deno.test(`sixteen claimers at once are given each of the ${name} once, and all of them`, async () => {
    await withBacklog(backlog, async (url) => {
      const database = openClaimers(url);
      try {
        assert.ok(await drain(database, backlog, rowCount) > 0);
        await assert.rejects(drain(database, backlog, rowCount), /0 of 2000 rows were claimed/);
      } finally {
        await database.close();
      }
    });
  });
}

Deno.test("drain() fails where a claim gives a row to two", async () => {
  await withBacklog(bare, async (url) => {
    const database = openClaimers(url);
    let calls = 0;
    const twice = () => Promise.resolve(calls++ < 2 ? ["1", "2"] : []);
    try {
      await assert.rejects(drain(database, { claim: twice }, 4), /2 rows were claimed twice/);
    } finally {
      await database.close();
    }
  });
});

Deno.test("quantile() is one of the values, whatever their order", () => {
  assert.equal(quantile([9, 1, 5, 3], 0.5), 3);
  assert.equal(quantile([9, 1, 5, 3], 0.99), 9);
  assert.equal(quantile([7], 0.5), 7);
});

Deno.test("the stand-in for SendGrid as a process takes the key that it was given, and no other", async () => {
  const { hello: { port }, stop } = await startServer("bench/servers/sendgrid.ts", "SG.bench");
  const post = (authorization: string) =>
    ask({
      port,
      path: "/v3/mail/send",
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: "{}",
    });
  try {
    assert.equal((await post("Bearer SG.bench")).status, 400);
    assert.equal((await post("Bearer other")).status, 401);
  } finally {
    await stop();
  }
});
