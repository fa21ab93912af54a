import { environmentFor } from "../../dev/stand_ins.ts";
import { pause } from "../../lib/time.ts";
import { type TestApp, withApp } from "../support/app.ts";
import { createMovableClock, type MovableClock } from "../support/clock.ts";
import { pollUntil } from "../support/poll.ts";
import { type ServerProcess, startServer } from "../support/server_process.ts";
import { testAppSecret } from "../support/signing_keys.ts";
import { portOf, startTcpProxy } from "../support/tcp_proxy.ts";

/** Server processes behind one address, to which QStash delivers. Each can be killed, and comes back by itself. */
export interface Workers {
  /** Kills one with SIGKILL, at once; false where it is not up. */
  kill(index: number): boolean;
  /** Which are up. */
  living(): number[];
  allUp(): Promise<void>;
  stop(): Promise<void>;
}

/** An app whose jobs are done by server processes of their own, under a clock that all of them share. */
export interface WorkerWorld {
  app: TestApp;
  clock: MovableClock;
  /** The address of the workers. */
  url: string;
  /** One group at a time. */
  startWorkers(count: number): Promise<Workers>;
  /** Moves everybody's clock ahead. */
  advance(elapsedMs: number): Promise<void>;
  /**
   * Lets time pass until `holds`: as soon as nobody is at work any more, the clock goes on by a minute or `stepMs`, so
   * that what waits for a lease, a rest or a retry comes due. No lease runs out while its holder lives.
   */
  passTimeUntil(what: string, holds: () => Promise<boolean>, stepMs?: number): Promise<void>;
}

// A little more than a lease of a minute.
const leaseStepMs = 61_000;
const deadlineMs = 300_000;

export async function withWorkers(
  work: (world: WorkerWorld) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const clock = createMovableClock();
  let pool: Pool | undefined;
  await using front = startTcpProxy(async () => await pool?.nextPort() ?? 0);
  const url = `http://127.0.0.1:${front.port}`;
  const settings = { PUBLIC_URL: url, DATABASE_POOL_MAX: "8", ...env };
  await withApp(async (app) => {
    const advance = async (elapsedMs: number) => {
      clock.advance(elapsedMs);
      await pool?.tellTime();
      app.standIns.qstash.wake();
    };
    try {
      await work({
        app,
        clock,
        url,
        advance,
        startWorkers: async (count) => {
          pool = await startPool(app, clock, count, settings);
          return pool;
        },
        passTimeUntil: (what, holds, stepMs = leaseStepMs) =>
          pollUntil(what, async () => {
            await app.standIns.qstash.idle();
            if (await holds()) return true;
            await pool?.allUp();
            await advance(stepMs);
            return false;
          }, deadlineMs),
      });
    } finally {
      await pool?.stop();
    }
  }, { world: { now: clock.now }, env: settings });
}

interface Pool extends Workers {
  /** Of one that is up; whoever asks while none is waits, as a platform lets requests wait for an isolate. */
  nextPort(): Promise<number>;
  tellTime(): Promise<void>;
}

async function startPool(
  app: TestApp,
  clock: MovableClock,
  count: number,
  changes: Record<string, string>,
): Promise<Pool> {
  const env = {
    ...environmentFor({
      standIns: app.standIns,
      databaseUrl: app.deps.settings.databaseUrl.reveal(),
      appUrl: app.deps.settings.publicUrl,
      port: 0,
      appSecret: testAppSecret,
    }),
    DATABASE_DEADLINE_MS: "10000",
    REDIS_DEADLINE_MS: "1000",
    ...changes,
  };
  const up = new Map<number, ServerProcess>();
  const starting = new Map<number, Promise<void>>();
  let turn = 0;
  let stopped = false;
  const aheadMs = () => String(Math.ceil(clock.now() - Date.now()));

  async function bring(index: number, before?: ServerProcess) {
    await before?.process.status;
    if (stopped) return;
    const server = await startServer(env, ["tests/faults/clocked_server.ts", aheadMs()]);
    await tellTime(server);
    up.set(index, server);
    starting.delete(index);
  }

  async function tellTime({ url }: ServerProcess) {
    // One that is killed just now is told when it comes back.
    const response = await fetch(`${url}/clock`, { method: "POST", body: aheadMs() })
      .catch(() => undefined);
    await response?.body?.cancel();
  }

  const living = () => [...up.keys()];
  const allUp = async () => {
    while (starting.size > 0) await Promise.all(starting.values());
  };
  for (let index = 0; index < count; index++) starting.set(index, bring(index));
  await allUp();
  return {
    kill(index) {
      const server = up.get(index);
      if (server === undefined) return false;
      server.process.kill("SIGKILL");
      up.delete(index);
      starting.set(index, bring(index, server));
      return true;
    },
    living,
    allUp,
    async nextPort() {
      while (up.size === 0 && !stopped) await pause(5);
      const servers = [...up.values()];
      const server = servers[turn++ % servers.length];
      return server === undefined ? 0 : portOf(server.url);
    },
    async tellTime() {
      await Promise.all([...up.values()].map(tellTime));
    },
    async stop() {
      stopped = true;
      await Promise.all(starting.values());
      await Promise.all([...up.values()].map((server) => server.kill()));
      up.clear();
    },
  };
}
