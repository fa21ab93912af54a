import type { Database, Sql } from "../../../lib/database.ts";
import { Failure } from "../../../lib/errors.ts";
import { bindState } from "../stores/state.ts";
import { connectionClosed, type Host, SqlError, Transaction } from "../stores/tables.ts";
import type { Process } from "./process.ts";

const triesMax = 3;
const transient = new Set(["40001", "40P01"]);
const away = new Set([connectionClosed, "25P02"]);

/** Postgres as one process has it: transactions are tried again as `lib/database.ts` does, and break as they do there. */
export function openSimulatedDatabase(process: Process): Database {
  const { world } = process;
  const host: Host = {
    execute(transaction, what, go) {
      if (!process.alive) return;
      world.mix(what);
      if (world.hits("kill")) return process.kill();
      if (what === "begin sending" && world.hits("senderDies")) return process.kill();
      if (world.hits("connectionLost")) transaction.injected = lost();
      else if (world.hits("conflict")) transaction.injected = new SqlError("40001", "conflict");
      if (world.hits("stall")) return void world.after(stall(), () => process.alive && go());
      if (!world.random.chance(world.shape.yields)) return go();
      world.after(lag(), () => process.alive && go());
    },
  };
  bindState(host, world.state);
  const stall = () => world.random.between(5_000, 150_000);
  const lag = () => world.random.chance(0.9) ? 1 : world.random.between(2, 2_000);

  async function attempt<T>(work: (sql: Sql) => Promise<T>, trial: Trial): Promise<T> {
    const transaction = new Transaction(host, world.state.advisory);
    process.open.add(transaction);
    try {
      const result = await work(transaction as unknown as Sql);
      if (transaction.injected?.code === connectionClosed) throw lost();
      if (transaction.state !== "open") throw new SqlError("25P02", "a statement had failed");
      trial.committing = true;
      await commit(transaction);
      return result;
    } catch (error) {
      if (process.alive) transaction.rollback();
      throw error;
    } finally {
      process.open.delete(transaction);
    }
  }

  /** What has reached Postgres is committed, whether or not anybody is there to hear of it. */
  function commit(transaction: Transaction): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!process.alive) return;
      world.mix("commit");
      if (world.hits("kill")) {
        if (world.random.chance(0.5)) complete(transaction);
        return process.kill();
      }
      if (world.hits("connectionLost")) return reject(lost());
      const finish = () => {
        if (transaction.state !== "open") return;
        complete(transaction);
        if (!process.alive) return;
        if (world.hits("kill")) return process.kill();
        if (world.hits("commitAnswerLost")) return reject(lost());
        resolve();
      };
      if (!world.random.chance(world.shape.yields)) return finish();
      world.after(1, finish);
    });
  }

  function complete(transaction: Transaction): void {
    transaction.commit();
    world.onCommit(transaction.changes, process);
  }

  return {
    transaction: (_session, work) => tryAgain(process, (trial) => attempt(work, trial)),
    pool: () => ({ open: 0, max: 0, waiting: 0 } as unknown as ReturnType<Database["pool"]>),
    warm: () => {},
    close: () => Promise.resolve(),
  };
}

/** How far one try of a transaction came. */
interface Trial {
  committing: boolean;
}

/** What may not have been kept is never done again; what surely was not is. */
async function tryAgain<T>(
  process: Process,
  attempt: (trial: Trial) => Promise<T>,
): Promise<T> {
  for (let tries = 1;; tries++) {
    const trial = { committing: false };
    try {
      return await attempt(trial);
    } catch (error) {
      const code = error instanceof SqlError ? error.code : "";
      const mayTryAgain = transient.has(code) || code === connectionClosed && !trial.committing;
      if (tries >= triesMax || !mayTryAgain) {
        const isAway = away.has(code) || transient.has(code);
        throw isAway ? new Failure("unavailable", { cause: error }) : error;
      }
      await process.wait(process.world.random.between(5, 60));
    }
  }
}

function lost(): SqlError {
  return new SqlError(connectionClosed, "the connection is gone");
}
