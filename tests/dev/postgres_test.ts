import assert from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import { findBinaries } from "../../dev/postgres/binaries.ts";
import { openCluster } from "../../dev/postgres/cluster.ts";
import { assertReachable, serverAccount } from "../../dev/postgres/folders.ts";
import { launch } from "../../dev/postgres/launch.ts";
import { readLockFile } from "../../dev/postgres/lock_file.ts";
import { databaseFolder, FolderInUse, startPostgres } from "../../dev/postgres/mod.ts";
import { findSystem } from "../../dev/postgres/system.ts";
import { pollUntil } from "../support/poll.ts";

const account = serverAccount();
const binaries = await findBinaries(account, () => {});
const clusterName = `pg${binaries.major}`;

/** An empty folder that the server's account can reach, gone after `work`. */
async function inFolder(work: (dataDir: string) => Promise<void>) {
  const dataDir = await databaseFolder(`check-${crypto.randomUUID().slice(0, 8)}`);
  try {
    await work(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

/** The same with a cluster in it that served and was stopped: a copy of one, since making each anew takes a second. */
async function inCluster(work: (dataDir: string) => Promise<void>) {
  const original = await (made ??= makeCluster());
  await inFolder(async (dataDir) => {
    const args = ["-Rp", join(original, clusterName), dataDir];
    const { success } = await new Deno.Command("cp", { args }).output();
    assert.ok(success);
    await work(dataDir);
  });
}

let made: Promise<string> | undefined;

async function makeCluster(): Promise<string> {
  const dataDir = await databaseFolder(`check-${crypto.randomUUID().slice(0, 8)}`);
  addEventListener("unload", () => Deno.removeSync(dataDir, { recursive: true }));
  await (await start(dataDir)).stop();
  return dataDir;
}

async function ask<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function start(dataDir: string, more: { fresh?: boolean } = {}) {
  const server = await startPostgres({ dataDir, durable: false, ...more });
  console.log(`started in ${Math.round(server.elapsedMs)} ms ${JSON.stringify(more)}`);
  return server;
}

/** Starts the program that holds a server, and answers when that server runs. */
async function startHolder(dataDir: string): Promise<{ holder: Deno.ChildProcess; url: string }> {
  const program = join(import.meta.dirname ?? ".", "../support/hold_postgres.ts");
  const args = ["run", "--allow-all", program, dataDir];
  const holder = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
  const reader = holder.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  await reader.cancel();
  return { holder, url: JSON.parse(value).url };
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return Deno.connect({ hostname, port: Number(port) }).then(
    (connection) => (connection.close(), true),
    () => false,
  );
}

Deno.test("a restart keeps what was committed, and `fresh` begins anew", async () => {
  await inCluster(async (dataDir) => {
    const first = await start(dataDir);
    await ask(first.url, (sql) => sql`create table kept as select 42 as answer`);
    await first.stop();
    assert.equal(await isListening(first.url), false);

    const second = await start(dataDir);
    const [row] = await ask(second.url, (sql) => sql`select answer from kept`);
    assert.equal(row?.answer, 42);
    await second.stop();

    const third = await start(dataDir, { fresh: true });
    const [gone] = await ask(third.url, (sql) => sql`select to_regclass('kept') is null as gone`);
    assert.equal(gone?.gone, true);
    await third.stop();
    await third.stop();
  });
});

Deno.test("a server of ours takes its password alone, on loopback alone, and is not root", async () => {
  await inCluster(async (dataDir) => {
    const server = await start(dataDir);
    try {
      const wrong = Object.assign(new URL(server.url), { password: "wrong" }).href;
      await assert.rejects(ask(wrong, (sql) => sql`select 1`), { code: "28P01" });
      const [row] = await ask(server.url, (sql) =>
        sql`
        select current_setting('listen_addresses') as addresses, current_setting('fsync') as fsync,
          current_setting('TimeZone') as zone, current_setting('server_encoding') as encoding,
          lower('ÄÉ') as lower, inet_server_addr()::text as address`);
      assert.deepEqual({ ...row }, {
        addresses: "127.0.0.1",
        fsync: "off",
        zone: "UTC",
        encoding: "UTF8",
        lower: "äé",
        address: "127.0.0.1/32",
      });
      assert.equal(
        (await Deno.stat(join(dataDir, clusterName, "almanac.password"))).mode! & 0o777,
        0o600,
      );
      assert.notEqual((await Deno.stat(join(dataDir, clusterName, "PG_VERSION"))).uid, 0);
    } finally {
      await server.stop();
    }
  });
});

Deno.test("no server is left two seconds after its program was killed, and the next start works at once", async () => {
  await inCluster(async (dataDir) => {
    const { holder, url } = await startHolder(dataDir);
    await ask(url, (sql) => sql`create table kept as select 7 as answer`);
    holder.kill("SIGKILL");
    await holder.status;
    const next = await start(dataDir);
    assert.equal(await isListening(url), false);
    const [row] = await ask(next.url, (sql) => sql`select answer from kept`);
    assert.equal(row?.answer, 7);
    await next.stop();

    const again = await startHolder(dataDir);
    again.holder.kill("SIGKILL");
    await again.holder.status;
    const lockFile = join(dataDir, clusterName, "postmaster.pid");
    const killedMs = performance.now();
    await pollUntil("the server to be gone", async () => {
      return !await isListening(again.url) && !await Deno.stat(lockFile).catch(() => null);
    }, 2_000);
    console.log(`gone ${Math.round(performance.now() - killedMs)} ms after SIGKILL`);
  });
});

Deno.test("a second start on a folder in use is refused, with the number of the server that uses it", async () => {
  await inCluster(async (dataDir) => {
    const first = await start(dataDir);
    try {
      const { pid } = await readLockFile(join(dataDir, clusterName)) ?? {};
      await assert.rejects(
        start(dataDir),
        (error) => error instanceof FolderInUse && error.message.includes(`kill -INT ${pid}`),
      );
      assert.equal(await isListening(first.url), true);
    } finally {
      await first.stop();
    }
  });
});

Deno.test("a lock file left behind does not stop a start, even if its number belongs to another program now", async () => {
  await inCluster(async (dataDir) => {
    // Of the same account as the server, because only then Postgres itself would take it for a running one.
    const other = new Deno.Command("sleep", { args: ["30"], ...account }).spawn();
    const lockFile = join(dataDir, clusterName, "postmaster.pid");
    await Deno.writeTextFile(
      lockFile,
      `${other.pid}\n${dataDir}/${clusterName}\n1700000000\n5432\n\n\n\nready\n`,
    );
    const server = await start(dataDir);
    assert.equal(await isListening(server.url), true);
    await server.stop();
    other.kill();
    await other.status;
  });
});

Deno.test("a first start that was killed half-way does not spoil the next", async () => {
  await inFolder(async (dataDir) => {
    const draft = join(dataDir, `${clusterName}.new-0123abcd`);
    await Deno.mkdir(draft);
    await Deno.writeTextFile(join(draft, "PG_VERSION"), `${binaries.major}\n`);
    await Deno.utime(draft, new Date(0), new Date(0));
    const server = await start(dataDir);
    assert.equal(await isListening(server.url), true);
    await server.stop();
    assert.equal(await Deno.stat(draft).catch(() => null), null);
  });
});

Deno.test("two first starts at once: one serves, the other says that the folder is in use", async () => {
  await inFolder(async (dataDir) => {
    const starts = await Promise.allSettled([start(dataDir), start(dataDir)]);
    const running = starts.filter((result) => result.status === "fulfilled");
    const refused = starts.filter((result) => result.status === "rejected");
    assert.equal(running.length, 1);
    assert.ok(refused[0]?.reason instanceof FolderInUse, String(refused[0]?.reason));
    await running[0]?.value.stop();
  });
});

Deno.test("a port that somebody else takes first is given up for another", async () => {
  await inCluster(async (dataDir) => {
    const cluster = await openCluster({ dataDir, binaries, account, fresh: false });
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const picked: number[] = [];
    const pickPort = () => {
      picked.push(picked.length === 0 ? taken.addr.port : freePort());
      return picked.at(-1) ?? 0;
    };
    const server = await launch({ binaries, cluster, account, durable: false, pickPort });
    assert.equal(picked[0], taken.addr.port);
    assert.notEqual(server.port, taken.addr.port);
    assert.equal(server.port, picked.at(-1));
    await server.stop();
    taken.close();
  });
});

Deno.test("a given DATABASE_URL is used as it is, and never stopped", async () => {
  const given = Deno.env.get("TEST_DATABASE_URL");
  const server = await startPostgres({ dataDir: "/nonexistent/folder", databaseUrl: given });
  assert.deepEqual([server.source, server.url], ["given", given]);
  assert.match(server.version, /^\d+\.\d+$/);
  await server.stop();
  assert.equal(await isListening(server.url), true);
});

Deno.test("a given DATABASE_URL that does not answer is named, without its password", async () => {
  const databaseUrl = "postgres://somebody:hunter2@127.0.0.1:1/shop";
  await assert.rejects(startPostgres({ dataDir: "", databaseUrl }), (error: Error) => {
    assert.match(error.message, /DATABASE_URL is set, but the database shop on 127\.0\.0\.1:1/);
    assert.doesNotMatch(error.message, /hunter2/);
    return true;
  });
});

Deno.test({
  name: `root is told which folder its server could not reach${
    account ? "" : " (skipped: not root)"
  }`,
  ignore: !account,
  async fn() {
    const folder = await Deno.makeTempDir();
    await assert.rejects(assertReachable(folder, account), { message: new RegExp(folder) });
    await Deno.remove(folder);
  },
});

const system = await findSystem(account);

Deno.test({
  name: `a Postgres of the system serves as well${system ? "" : " (skipped: none is installed)"}`,
  ignore: !system,
  async fn() {
    if (!system) return;
    await inFolder(async (dataDir) => {
      const options = { dataDir, binaries: system, account, durable: false };
      const cluster = await openCluster({ ...options, fresh: false });
      const server = await launch({ ...options, cluster });
      const url = `postgres://postgres:${cluster.password}@127.0.0.1:${server.port}/postgres`;
      const [row] = await ask(url, (sql) => sql`show server_version`);
      await server.stop();
      assert.ok(row?.server_version.startsWith(system.version));
    });
  },
});
