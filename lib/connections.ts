import type postgres from "postgres";
import { minuteMs, pause, secondMs, stopwatch } from "./time.ts";

/** One connection to Postgres, for one transaction at a time. */
export interface Connection {
  /** What a transaction runs its statements with; connects at the first call. */
  reserve(): Promise<postgres.ReservedSql>;
  isLost(): boolean;
  /** Whom to tell, once, that it has closed; the next call replaces the one before. */
  onLost(hear: (error: Error) => void): void;
  /** Takes it out of use at once; whoever waits for an answer on it gets an error. */
  discard(): void;
}

export interface ConnectionPool {
  /** A free connection; waits where all are taken. */
  take(): Promise<Connection>;
  giveBack(connection: Connection): void;
  /** The server had none for the one that was asked for: for a second, whoever asks waits for one of those that are open. */
  makeDo(): void;
  /** Takes those out of use that lie free since more than so many milliseconds. */
  discardIdle(idleMs: number): void;
  figures(): PoolFigures;
  isClosed(): boolean;
  /** Closes what is free, and what is not when it is given back or after two seconds. */
  close(): Promise<void>;
}

/** How busy a pool is, in connections. */
export interface PoolFigures {
  inUse: number;
  idle: number;
  max: number;
  /** Transactions that wait for one. */
  waiting: number;
}

/** A single connection, made when it is first reserved. */
export interface Driver {
  reserve(): Promise<postgres.ReservedSql>;
  /** Closes it, at once or when nothing runs on it any more, after so many seconds at the latest. */
  end(timeoutSeconds: number): Promise<void>;
}

/** Opens a driver, and says when its connection has closed. */
export type OpenDriver = (onClose: () => void) => Promise<Driver>;

/** A connection that is gone. The code is the driver's own. */
export class ConnectionLost extends Error {
  override name = "ConnectionLost";
  readonly code = "CONNECTION_CLOSED";
}

const idleMaxMs = minuteMs;
// Servers fail over and poolers rebalance: whoever holds on to a connection for good never notices.
const ageMaxMs = 30 * minuteMs;
const closingMs = 2 * secondMs;
const makeDoMs = secondMs;

/**
 * Connections that are each a driver of their own. The pool of postgres.js 3.4.9 ends the whole process when a
 * connection closes within a transaction (porsager/postgres#1208), or hands it to somebody else while the dead
 * transaction still writes to it (#1216). Here, a connection that has closed is never used again.
 */
export function createConnectionPool(openDriver: OpenDriver, sizeMax: number): ConnectionPool {
  const open = new Set<Member>();
  const free: Member[] = [];
  const waiting: PromiseWithResolvers<Connection>[] = [];
  const drained = new AbortController();
  let closed = false;
  let limited: { sizeMax: number; elapsedMs: () => number } | undefined;

  function hasRoom(): boolean {
    if (limited && limited.elapsedMs() > makeDoMs) limited = undefined;
    return open.size < (limited?.sizeMax ?? sizeMax);
  }

  function add(): Member {
    const member = openMember(openDriver, () => forget(member));
    open.add(member);
    return member;
  }

  function forget(member: Member) {
    open.delete(member);
    const at = free.indexOf(member);
    if (at >= 0) free.splice(at, 1);
    if (closed && open.size === 0) drained.abort();
    else if (hasRoom()) waiting.shift()?.resolve(add());
  }

  return {
    async take() {
      if (closed) throw new ConnectionLost("the pool is closed");
      const next = free.pop() ?? (hasRoom() ? add() : undefined);
      next?.stayAwake();
      if (next) return next;
      const turn = Promise.withResolvers<Connection>();
      waiting.push(turn);
      return await turn.promise;
    },
    giveBack(connection) {
      const member = connection as Member;
      if (member.isLost()) return;
      if (closed || member.isOld()) return member.end();
      const next = waiting.shift();
      if (next) return next.resolve(member);
      free.push(member);
      member.endWhenIdle();
    },
    // With none at all, one goes on asking for everybody.
    makeDo: () => void (limited = { sizeMax: Math.max(1, open.size - 1), elapsedMs: stopwatch() }),
    discardIdle(idleMs) {
      for (const member of free.filter((one) => one.idleMs() > idleMs)) member.discard();
    },
    isClosed: () => closed,
    figures: () => ({
      inUse: open.size - free.length,
      idle: free.length,
      max: sizeMax,
      waiting: waiting.length,
    }),
    async close() {
      closed = true;
      for (const turn of waiting.splice(0)) turn.reject(new ConnectionLost("the pool is closed"));
      for (const member of [...free]) member.end();
      if (open.size > 0) await pause(closingMs, drained.signal);
      for (const member of open) member.discard();
    },
  };
}

interface Member extends Connection {
  isOld(): boolean;
  /** Since it lies free. */
  idleMs(): number;
  end(): void;
  endWhenIdle(): void;
  stayAwake(): void;
}

function openMember(openDriver: OpenDriver, onGone: () => void): Member {
  const driver = openDriver(gone);
  const ageMs = stopwatch();
  let lost = false;
  let hear = (_error: Error) => {};
  let idle: ReturnType<typeof setTimeout> | undefined;
  let lyingMs = ageMs;

  function gone() {
    if (lost) return;
    lost = true;
    clearTimeout(idle);
    onGone();
    hear(new ConnectionLost("the connection was closed"));
    // An ended driver refuses statements; one that has merely closed would write to a socket that is not there.
    void endDriver(0);
  }

  async function endDriver(timeout: number) {
    await driver.then((opened) => opened.end(timeout)).catch(() => {});
    gone();
  }

  return {
    reserve: async () => await (await driver).reserve(),
    isLost: () => lost,
    onLost: (next) => void (hear = next),
    discard: gone,
    isOld: () => ageMs() > ageMaxMs,
    end: () => void endDriver(closingMs / secondMs),
    idleMs: () => lyingMs(),
    endWhenIdle() {
      lyingMs = stopwatch();
      idle = setTimeout(() => void endDriver(closingMs / secondMs), idleMaxMs);
    },
    stayAwake: () => clearTimeout(idle),
  };
}
