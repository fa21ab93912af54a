import type { Log } from "../../../lib/log.ts";
import { isFailure } from "../../../lib/errors.ts";
import { createNudge, publishOutbox } from "../../../services/jobs/mod.ts";
import type { Ctx } from "../../../services/ctx.ts";
import type { Transaction } from "../stores/tables.ts";
import { createTurnstile, type Turnstile } from "../../../workers/turnstile.ts";
import { openSimulatedDatabase } from "./database.ts";
import type { Network } from "./network.ts";
import { InjectedError } from "./injected.ts";
import type { World } from "./world.ts";

/** The life of one process of ours, from its start until it is killed. What it calls after that never answers. */
export class Process {
  alive = true;
  skewMs: number;
  readonly open = new Set<Transaction>();
  readonly ctx: Ctx;
  readonly turnstiles: { short: Turnstile; long: Turnstile };
  #onDeath = new Set<() => void>();

  constructor(readonly world: World, readonly name: string, network: Network) {
    const { skewMaxMs, atOnceMax } = world.shape;
    this.skewMs = world.random.between(-skewMaxMs, skewMaxMs);
    this.ctx = contextOf(this, network);
    this.turnstiles = { short: createTurnstile(atOnceMax), long: createTurnstile(atOnceMax) };
  }

  /** By its own clock. */
  now(): number {
    if (this.world.hits("clockJump")) {
      const { skewMaxMs } = this.world.shape;
      this.skewMs = this.world.random.between(-skewMaxMs, skewMaxMs);
    }
    return this.world.nowMs + this.skewMs;
  }

  /** Goes on after a while, unless the process is dead by then. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.world.after(delayMs, () => this.alive && resolve());
    });
  }

  /** Starts something whose end somebody outside waits for: what it comes to, or undefined where the process dies. */
  serve<T>(work: () => Promise<T>, answered: (outcome: T | Error | undefined) => void): void {
    const died = () => answered(undefined);
    this.#onDeath.add(died);
    const settle = (outcome: T | Error) => {
      if (this.#onDeath.delete(died)) answered(outcome);
    };
    work().then(
      settle,
      (error) => settle(error instanceof Error ? error : new Error(String(error))),
    );
  }

  /** Its transactions are rolled back once Postgres notices. */
  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    const { world } = this;
    world.note(() => `${this.name} is killed`);
    world.mix("kill");
    for (const transaction of this.open) {
      world.after(world.random.between(0, 3_000), () => transaction.rollback());
    }
    const deaths = [...this.#onDeath];
    this.#onDeath.clear();
    for (const died of deaths) world.after(world.random.between(0, 100), died);
    world.onKill(this);
  }
}

function contextOf(process: Process, network: Network): Ctx {
  const { world } = process;
  const log = logOf(world);
  const nudge = createNudge(() => process.alive ? publishOutbox(ctx) : Promise.resolve(), log);
  const ctx = {
    actor: { kind: "system", job: "simulation" },
    requestId: "simulated",
    origin: { address: "127.0.0.1", userAgent: "" },
    signal: { aborted: false },
    log,
    now: () => process.now(),
    newId: () => world.newId(),
    random: (size: number) => new Uint8Array(size).map(() => world.random.between(0, 255)),
    database: openSimulatedDatabase(process),
    queue: { ...network.queueFor(process), nudge },
    live: { publish: () => Promise.resolve() },
    vendors: network.vendorsFor(process),
    settings: {
      publicUrl: "http://almanac.test",
      mailFrom: "a@almanac.test",
      alertSweepSeconds: 60,
    },
  } as unknown as Ctx;
  return ctx;
}

/** What a verb logs as an error that is neither expected nor injected is a bug. */
function logOf(world: World): Log {
  const look = (message: string, fields?: Record<string, unknown>) => {
    const error = fields?.error;
    world.note(() => `log: ${message}${error ? ` (${error})` : ""}`);
    if (error !== undefined && !isExpected(error)) {
      world.violate("nothing unexpected is thrown", `${message}: ${(error as Error).stack}`);
    }
  };
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: look,
    error: look,
    takes: () => false,
    line: () => {},
    event: ({ message }) => world.note(() => `event: ${message}`),
    with: () => log,
    flush: () => {},
  };
  return log;
}

/** Whether an error is of the catalogue, or was made by the world. */
export function isExpected(error: unknown): boolean {
  return isFailure(error) || error instanceof InjectedError;
}
