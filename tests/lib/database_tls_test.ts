import assert from "node:assert/strict";
import { type Database, openDatabase } from "../../lib/database.ts";
import { silentLog } from "../../lib/log.ts";
import { stopwatch } from "../../lib/time.ts";
import { withOwnPostgres } from "../faults/own_postgres.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { openInspector } from "../support/inspector.ts";
import { pollUntil } from "../support/poll.ts";
import { isUnavailable, person, withDatabase } from "./database_world.ts";

const deadlineMs = 2_000;
// A job that waits for a computer's scheduler is no later than this.
const slackMs = 1_000;

/** The address with other parameters, and another host or port. */
function changed(url: string, query: string, parts: { port?: number; hostname?: string } = {}) {
  const address = new URL(url);
  address.search = query;
  if (parts.hostname) address.hostname = parts.hostname;
  if (parts.port) address.port = String(parts.port);
  return address.href;
}

async function withOpen<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = openDatabase({
    url,
    poolMax: 2,
    prepare: true,
    deadlineMs,
    systemDeadlineMs: deadlineMs,
    log: silentLog,
  });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Connects, and moves more than fits in one record of TLS; `meanwhile` is told the process at the other end. */
async function look(url: string, meanwhile = async (_pid: number) => {}): Promise<void> {
  await withOpen(url, (database) => move(database, meanwhile));
}

async function move(database: Database, meanwhile = async (_pid: number) => {}): Promise<void> {
  await database.transaction(person, async (sql) => {
    const text = "x".repeat(200_000);
    const [row] = await sql<{ pid: number; back: string }[]>`
      select pg_backend_pid() as pid, ${text}::text as back`;
    assert.equal(row?.back, text);
    await meanwhile(row.pid);
  });
}

/** What a process says of the address that trusts the authority, or only those of this machine. */
async function ask(url: string, env: Record<string, string>): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", import.meta.dirname + "/database_tls_client.ts", url],
    env: { ...env, NO_COLOR: "1" },
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

const certificates = await makeCertificates();
if (!certificates) console.error("openssl is missing: no test of TLS with Postgres is run");
addEventListener("unload", () => certificates?.remove());

function testTls(
  guarantee: string,
  files: keyof Certificates["servers"],
  work: (url: string, authority: string) => Promise<void>,
) {
  Deno.test({
    name: guarantee,
    ignore: !certificates,
    async fn() {
      assert.ok(certificates);
      const { authority, servers } = certificates;
      const settings = {
        ssl: "on",
        ssl_cert_file: servers[files].certificate,
        ssl_key_file: servers[files].key,
      };
      await withOwnPostgres(async (postgres) => {
        await work((await postgres.newDatabase()).url, authority);
      }, settings);
    },
  });
}

testTls(
  "sslmode says whether a connection is encrypted, with a SCRAM password as well",
  "server",
  async (url) => {
    const inspect = openInspector(url);
    await inspect.sql`set password_encryption = 'scram-sha-256'`;
    await inspect.sql`create role reader login password 'pass:wörd/%' in role almanac_app`;
    const [stored] = await inspect.sql`select rolpassword from pg_authid where rolname = 'reader'`;
    assert.match(stored?.rolpassword, /^SCRAM-SHA-256\$/);
    const asReader = Object.assign(new URL(url), {
      username: "reader",
      password: encodeURIComponent("pass:wörd/%"),
    }).href;
    for (const address of [url, asReader]) {
      for (
        const [query, ssl] of [
          ["", false],
          ["sslmode=disable", false],
          ["sslmode=prefer", true],
          ["sslmode=require", true],
          ["sslmode=require&sslnegotiation=direct", true],
        ] as const
      ) {
        await look(changed(address, query), async (pid) => {
          const [row] = await inspect.sql`select ssl from pg_stat_ssl where pid = ${pid}`;
          assert.equal(row?.ssl, ssl, query);
        });
      }
    }
    const wrong = Object.assign(new URL(asReader), { password: "wrong" }).href;
    await assert.rejects(look(changed(wrong, "sslmode=require")), { code: "28P01" });
    await pollUntil("no connection is left", async () => {
      const [row] = await inspect.sql`
      select count(*)::int as open from pg_stat_activity where application_name = 'almanac'`;
      return row?.open === 0;
    });
    await inspect.close();
  },
);

testTls(
  "verify-full refuses a certificate of nobody it trusts, and takes it from an authority in DENO_CERT",
  "server",
  async (url, authority) => {
    const checked = changed(url, "sslmode=verify-full");
    await assert.rejects(look(checked), isUnavailable);
    assert.match(await ask(checked, {}), /^unavailable: unable to verify/);
    for (const hostname of ["127.0.0.1", "localhost"]) {
      const address = changed(url, "sslmode=verify-full", { hostname });
      assert.equal(await ask(address, { DENO_CERT: authority }), "connected");
    }
  },
);

testTls(
  "verify-full refuses the certificate of another host, and that of a name where the address was given",
  "named",
  async (url, authority) => {
    const at = (hostname: string) => changed(url, "sslmode=verify-full", { hostname });
    assert.equal(await ask(at("localhost"), { DENO_CERT: authority }), "connected");
    assert.match(await ask(at("127.0.0.1"), { DENO_CERT: authority }), /^unavailable: .*altnames/);
  },
);

Deno.test("a server without TLS is used with `prefer` and refused within the deadline with `require`", async () => {
  await withDatabase(async ({ url }) => {
    await look(changed(url, "sslmode=prefer"));
    for (const mode of ["require", "verify-full"]) {
      const elapsedMs = stopwatch();
      await assert.rejects(look(changed(url, `sslmode=${mode}`)), isUnavailable);
      assert.ok(elapsedMs() < deadlineMs, `${mode} took ${elapsedMs()} ms`);
    }
  });
});

const encode = (text: string) => new TextEncoder().encode(text);
type Say = (bytes: Uint8Array) => Promise<unknown>;

/** What a peer may do instead of a handshake; it is called once the request for TLS has come. */
const peers: Record<string, (say: Say, next: () => Promise<unknown>, end: () => void) => unknown> =
  {
    "answers nothing": () => {},
    "hangs up": (_say, _next, end) => end(),
    "has no TLS and says no more": (say) => say(encode("N")),
    "has TLS and says no more": (say) => say(encode("S")),
    "has TLS and hangs up": async (say, _next, end) => {
      await say(encode("S"));
      end();
    },
    "hangs up within the handshake": async (say, next, end) => {
      await say(encode("S"));
      await next();
      end();
    },
    "speaks another language": async (say, next) => {
      await say(encode("S"));
      await next();
      await say(encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
    },
    "has no connection left": async (say, _next, end) => {
      await say(encode("EFATAL: sorry, too many clients already\n\0"));
      end();
    },
  };

for (const [what, behave] of Object.entries(peers)) {
  Deno.test(`where the peer ${what}, the transaction is unavailable in time and nothing stays open`, async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const links: Promise<void>[] = [];
    const accepting = (async () => {
      for await (const link of listener) links.push(serve(link, behave));
    })();
    const url = `postgres://a:b@127.0.0.1:${listener.addr.port}/c?sslmode=require`;
    await withOpen(url, async (database) => {
      const elapsedMs = stopwatch();
      await assert.rejects(move(database), isUnavailable);
      assert.ok(elapsedMs() < deadlineMs + slackMs, `${elapsedMs()} ms`);
    });
    assert.ok(links.length > 0);
    await Promise.all(links);
    listener.close();
    await accepting;
  });
}

/** Ends when the client has hung up. */
async function serve(link: Deno.TcpConn, behave: (typeof peers)[string]) {
  const buffer = new Uint8Array(4_096);
  let ended = false;
  try {
    await link.read(buffer);
    await behave((bytes) => link.write(bytes), () => link.read(buffer), () => {
      ended = true;
      link.close();
    });
    while (!ended && await link.read(buffer) !== null);
  } catch {
    // The client was quicker.
  } finally {
    if (!ended) link.close();
  }
}
