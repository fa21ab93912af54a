import assert from "node:assert/strict";
import type { Database } from "../../lib/database.ts";
import { stopwatch } from "../../lib/time.ts";
import { isUnavailable, person, withDatabase, type World } from "./database_world.ts";

const deadlineMs = 2_000;
const count = (database: Database) =>
  database.transaction(person, async (sql) => (await sql`select 1 as one`)[0]?.one);

/** The address with these hosts before its own. */
function withHosts(url: string, hosts: string[], query = ""): string {
  const { host, username, password, pathname } = new URL(url);
  const all = hosts.map((one) => one || host).join(",");
  return `postgres://${username}:${password}@${all}${pathname}?${query}`;
}

function openAt({ url, open }: World, hosts: string[], query?: string): Database {
  return open({ url: withHosts(url, hosts, query), deadlineMs });
}

async function withPeer(
  behave: (link: Deno.TcpConn) => void,
  work: (host: string) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const links: Deno.TcpConn[] = [];
  const accepting = (async () => {
    for await (const link of listener) {
      links.push(link);
      behave(link);
    }
  })();
  try {
    await work(`127.0.0.1:${listener.addr.port}`);
  } finally {
    listener.close();
    await accepting;
    for (const link of links) {
      try {
        link.close();
      } catch {
        // It was closed already.
      }
    }
  }
}

function nobodysHost(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return `127.0.0.1:${listener.addr.port}`;
}

Deno.test("of several hosts the first that serves us is used, whether those before it refuse, hang up or say nothing", async () => {
  await withDatabase(async (world) => {
    assert.equal(await count(openAt(world, [nobodysHost(), ""])), 1);
    assert.equal(await count(openAt(world, ["", nobodysHost()])), 1);
    await withPeer((link) => link.close(), async (host) => {
      assert.equal(await count(openAt(world, [host, ""])), 1);
    });
    await withPeer(() => {}, async (host) => {
      assert.equal(await count(openAt(world, [host, ""])), 1);
    });
  });
});

Deno.test("where none of several hosts serves us people hear of it before the deadline", async () => {
  await withDatabase(async (world) => {
    const elapsedMs = stopwatch();
    await assert.rejects(count(openAt(world, [nobodysHost(), nobodysHost()])), isUnavailable);
    assert.ok(elapsedMs() < deadlineMs, `${elapsedMs()} ms`);
  });
});

Deno.test("a wrong password is not tried at every host", async () => {
  await withDatabase(async (world) => {
    let asked = 0;
    await withPeer(() => void asked++, async (host) => {
      const url = withHosts(world.url, ["", host]).replace(/:[^:@]*@/, ":wrong@");
      await assert.rejects(count(world.open({ url, deadlineMs })), { code: "28P01" });
    });
    assert.equal(asked, 0);
  });
});

Deno.test("with target_session_attrs=read-write a host that takes no writes is not used", async () => {
  await withDatabase(async (world) => {
    const writing = "target_session_attrs=read-write";
    assert.equal(await count(openAt(world, [nobodysHost(), ""], writing)), 1);
    const name = new URL(world.url).pathname.slice(1);
    await world.inspect.sql`alter database ${
      world.inspect.sql(name)
    } set default_transaction_read_only = on`;
    await assert.rejects(count(openAt(world, ["", ""], writing)), isUnavailable);
    assert.equal(await count(openAt(world, ["", ""])), 1);
  });
});
