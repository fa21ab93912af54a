import type { Sql } from "../../../lib/database.ts";

/** One row: what is committed, and what the transaction that holds it has made of it. */
export interface Slot<Row> {
  committed: Row | undefined;
  pending: Row | undefined;
  owner: Transaction | undefined;
  key: string;
  table: Table<Row>;
}

/** A change of a row within a transaction; undefined before it was there, and once it is gone. */
export interface Change {
  table: string;
  key: string;
  before: unknown;
  after: unknown;
}

/** A table in memory. Its rows are never changed, only replaced. */
export class Table<Row> {
  readonly slots = new Map<string, Slot<Row>>();
  constructor(readonly name: string) {}

  slot(key: string): Slot<Row> {
    let slot = this.slots.get(key);
    if (slot === undefined) {
      slot = { committed: undefined, pending: undefined, owner: undefined, key, table: this };
      this.slots.set(key, slot);
    }
    return slot;
  }

  /** What is committed, for whoever looks from outside. */
  *rows(): Generator<Row> {
    for (const { committed } of this.slots.values()) if (committed !== undefined) yield committed;
  }
}

/** An error as Postgres answers it. */
export class SqlError extends Error {
  override name = "SqlError";
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

/** What the driver calls a connection that is gone. */
export const connectionClosed = "CONNECTION_CLOSED";

/** Thrown within a statement that has to wait for what another transaction holds. */
export class Blocked extends Error {
  constructor(readonly owner: Transaction) {
    super("waits for another transaction");
  }
}

/** How a transaction's statements come to be executed: at once, or when a simulated world lets them. */
export interface Host {
  execute(transaction: Transaction, what: string, go: () => void): void;
}

interface Statement {
  what: string;
  body: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  /** Executed also where a statement before it has failed. */
  mends?: boolean;
}

/**
 * A transaction at Postgres' level READ COMMITTED: statements one after the other, each seeing what is committed and what
 * is its own; a row that somebody else has written or locked is waited for, and the statement then begins anew.
 */
export class Transaction {
  readonly changes: Change[] = [];
  state: "open" | "failed" | "committed" | "rolled back" = "open";
  /** What the next statement fails with. */
  injected: SqlError | undefined;
  #held: Slot<unknown>[] = [];
  #written: { slot: Slot<unknown>; before: unknown }[] = [];
  #locks: string[] = [];
  #waiters: (() => void)[] = [];
  #statements: Statement[] = [];
  #busy = false;
  #waitsFor: Transaction | undefined;

  constructor(readonly host: Host, readonly advisory: Map<string, Transaction>) {}

  /** Runs `body` as one statement, after those that were sent before it. */
  run<T>(what: string, body: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#statements.push({ what, body, resolve: resolve as (value: unknown) => void, reject });
      if (!this.#busy) this.#next();
    });
  }

  /** A place to go back to. */
  savepoint(): Promise<number> {
    return this.run("savepoint", () => this.#written.length);
  }

  /** Undoes what was written since, and a failure with it, unless the connection is gone. Locks stay. */
  rollbackTo(savepoint: number): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const body = () => {
        this.state = "open";
        this.injected = undefined;
        this.changes.length = savepoint;
        for (const { slot, before } of this.#written.splice(savepoint).reverse()) {
          slot.pending = before;
        }
      };
      const statement = { what: "rollback to savepoint", body, reject, mends: true };
      this.#statements.push({ ...statement, resolve: resolve as (value: unknown) => void });
      if (!this.#busy) this.#next();
    });
  }

  #next(): void {
    const statement = this.#statements.shift();
    this.#busy = statement !== undefined;
    if (statement) {
      this.host.execute(this, statement.what, () => this.#execute(statement));
    }
  }

  #execute(statement: Statement): void {
    this.#waitsFor = undefined;
    const isLost = this.injected?.code === connectionClosed;
    const mends = statement.mends && this.state === "failed" && !isLost;
    if (this.state !== "open" && !mends) {
      const over = new SqlError("25P02", "the transaction is over or has failed");
      statement.reject(isLost ? this.injected : over);
      return this.#next();
    }
    try {
      if (this.injected && !mends) throw this.injected;
      statement.resolve(statement.body());
    } catch (error) {
      if (error instanceof Blocked && !this.#closesCircle(error.owner)) {
        this.#waitsFor = error.owner;
        error.owner.#waiters.push(() => this.#execute(statement));
        return;
      }
      this.state = "failed";
      statement.reject(
        error instanceof Blocked ? new SqlError("40P01", "deadlock detected") : error,
      );
    }
    this.#next();
  }

  #closesCircle(owner: Transaction): boolean {
    for (let at: Transaction | undefined = owner; at; at = at.#waitsFor) {
      if (at === this) return true;
    }
    return false;
  }

  read<Row>(table: Table<Row>, key: string): Row | undefined {
    const slot = table.slots.get(key);
    return slot && this.seen(slot);
  }

  seen<Row>(slot: Slot<Row>): Row | undefined {
    return slot.owner === this ? slot.pending : slot.committed;
  }

  /** Slots whose row, as this transaction sees it, fits. */
  find<Row>(table: Table<Row>, fits: (row: Row) => boolean): Slot<Row>[] {
    const found: Slot<Row>[] = [];
    for (const slot of table.slots.values()) {
      const row = slot.owner === this ? slot.pending : slot.committed;
      if (row !== undefined && fits(row)) found.push(slot);
    }
    return found;
  }

  isFree(slot: Slot<unknown>): boolean {
    return slot.owner === undefined || slot.owner === this;
  }

  lock<Row>(slot: Slot<Row>): Row | undefined {
    if (slot.owner === this) return slot.pending;
    if (slot.owner !== undefined) throw new Blocked(slot.owner);
    slot.owner = this;
    slot.pending = slot.committed;
    this.#held.push(slot as Slot<unknown>);
    return slot.pending;
  }

  write<Row>(slot: Slot<Row>, row: Row | undefined): void {
    const before = this.lock(slot);
    this.changes.push({ table: slot.table.name, key: slot.key, before, after: row });
    this.#written.push({ slot: slot as Slot<unknown>, before });
    slot.pending = row;
  }

  /** An advisory lock that ends with the transaction; false where somebody else has it. */
  tryLock(name: string): boolean {
    const owner = this.advisory.get(name);
    if (owner !== undefined) return owner === this;
    this.advisory.set(name, this);
    this.#locks.push(name);
    return true;
  }

  waitLock(name: string): void {
    if (!this.tryLock(name)) throw new Blocked(this.advisory.get(name)!);
  }

  commit(): void {
    this.#end("committed");
  }

  rollback(): void {
    if (this.state === "open" || this.state === "failed") this.#end("rolled back");
  }

  #end(state: "committed" | "rolled back"): void {
    this.state = state;
    for (const slot of this.#held) {
      if (state === "committed") slot.committed = slot.pending;
      slot.owner = undefined;
      slot.pending = undefined;
      if (slot.committed === undefined) slot.table.slots.delete(slot.key);
    }
    for (const name of this.#locks) this.advisory.delete(name);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const go of waiters) go();
  }
}

/** The transaction behind what a verb takes for its SQL. */
export function transactionOf(sql: Sql): Transaction {
  return sql as unknown as Transaction;
}

/** For statements that the simulated verbs do not use. */
export function notSimulated(): never {
  throw new Error("this statement is not part of the simulation");
}
