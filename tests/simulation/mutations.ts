import type { Sql } from "../../lib/database.ts";
import type { RunName } from "../../services/jobs/schema.ts";
import { claims, rules } from "./stores/claims.ts";
import { letters } from "./stores/dead_letters.ts";
import { notifications } from "./stores/notifications.ts";
import { claim, outbox } from "./stores/outbox.ts";
import { runs } from "./stores/runs.ts";
import { schedules } from "./stores/schedules.ts";
import { nameOf, stateOf } from "./stores/state.ts";
import { Transaction, transactionOf } from "./stores/tables.ts";
import { habits } from "./world/habits.ts";

/** A way to be wrong that the simulation must notice. */
export interface Mutation {
  name: string;
  /** Breaks it; the answer mends it again. */
  apply(): () => void;
}

/** Replaces one function of a store, or one habit of the world. */
function swap<Of extends object, Name extends keyof Of>(
  of: Of,
  name: Name,
  make: (real: Of[Name]) => Of[Name],
): () => () => void {
  return () => {
    const real = of[name];
    of[name] = make(real);
    return () => {
      of[name] = real;
    };
  };
}

const nothing = () => Promise.resolve();

/** Several at once, where one alone is made up for by another. */
function all(...applied: (() => () => void)[]): () => () => void {
  return () => {
    const undone = applied.map((apply) => apply());
    return () => undone.reverse().forEach((undo) => undo());
  };
}

/** Whether a run is over, and its message, is asked and not heard. */
const lookAway = all(
  swap(runs, "lockRun", () => () => Promise.resolve(undefined)),
  swap(outbox, "lockOutbox", (real) => async (...given) => {
    const row = await real(...given);
    return row && { ...row, ended: false };
  }),
);

function stateIn(sql: Sql, name: RunName): string | undefined {
  return transactionOf(sql).read(stateOf(sql).runs, nameOf(name))?.state;
}

async function reviveIn(sql: Sql, name: RunName): Promise<void> {
  const tx = transactionOf(sql);
  const slot = stateOf(sql).runs.slots.get(nameOf(name));
  await tx.run("revive", () => {
    const row = slot && tx.lock(slot);
    if (slot && row?.state === "dead") tx.write(slot, { ...row, state: "failed" });
  });
}

/** Work that is asked for. */
const asking: Mutation[] = [
  {
    name: "the outbox row is written outside of the transaction that asks",
    apply: swap(outbox, "insertOutbox", (real) => async (sql, ...rest) => {
      const { host, advisory } = transactionOf(sql);
      const other = new Transaction(host, advisory);
      const isNew = await real(other as never, ...rest);
      other.commit();
      return isNew;
    }),
  },
  {
    name: "a message has ended as soon as it is claimed, before it is published",
    apply: swap(outbox, "claimOutbox", (real) => async (sql, nowMs, rowsMax) => {
      const claimed = await real(sql, nowMs, rowsMax);
      const published = claimed.map(({ id }) => ({ id, messageId: "", over: true }));
      await outbox.markPublished(sql, published, nowMs);
      return claimed;
    }),
  },
  {
    name: "what the queue loses is not looked for",
    apply: swap(outbox, "selectUnheard", () => () => Promise.resolve([])),
  },
  {
    name: "what has ended is claimed to be published",
    apply: swap(
      outbox,
      "claimOutbox",
      () => (sql, nowMs, rowsMax) => claim(sql, nowMs, rowsMax, () => true),
    ),
  },
  {
    name: "a request that comes twice makes two messages",
    apply: () => {
      const first = swap(notifications, "lockDedupeKey", () => nothing)();
      const second = swap(notifications, "selectRequest", () => () => Promise.resolve(undefined))();
      const third = swap(
        notifications,
        "insertNotification",
        (real) => (sql, row) =>
          real(sql, { ...row, dedupeKey: row.dedupeKey && `${row.dedupeKey} ${row.id}` }),
      )();
      return () => [first, second, third].forEach((undo) => undo());
    },
  },
];

/** Runs of work. */
const running: Mutation[] = [
  {
    name: "the queue is answered before the work is done",
    apply: swap(habits, "answersFirst", () => true),
  },
  {
    name: "a run that has succeeded is done again",
    apply: all(
      swap(runs, "isRunOver", () => () => Promise.resolve(false)),
      swap(runs, "insertDoneRun", (real) => async (...given) => {
        await real(...given);
        return true;
      }),
    ),
  },
  {
    name: "a run that is dead is done again",
    apply: all(
      swap(runs, "isRunOver", (real) => async (sql, name) => {
        return await real(sql, name) && stateIn(sql, name) !== "dead";
      }),
      swap(runs, "insertDoneRun", (real) => async (sql, delivery, ...rest) => {
        await reviveIn(sql, delivery);
        return await real(sql, delivery, ...rest);
      }),
    ),
  },
  {
    name: "a short run is not marked as done",
    apply: swap(runs, "insertDoneRun", () => () => Promise.resolve(true)),
  },
  {
    name: "a long run is taken although somebody holds it",
    apply: swap(
      runs,
      "leaseRun",
      (real) => (sql, delivery, requestId, nowMs, leaseMs) =>
        real(sql, delivery, requestId, nowMs + 86_400_000, leaseMs - 86_400_000),
    ),
  },
  {
    name: "whoever lost the lease may still say that the run has failed",
    apply: swap(runs, "failRun", (real) => async (sql, delivery, requestId, nowMs, how) => {
      const slot = stateOf(sql).runs.slots.get(nameOf(delivery));
      const held = await transactionOf(sql).run("any fence", () => slot?.committed?.fence ?? null);
      await real(sql, delivery, requestId, nowMs, { ...how, fence: held });
    }),
  },
  {
    name: "whoever lost the lease to a replay may still end the run",
    apply: swap(runs, "finishRun", (real) => (sql, name, nowMs, ended) => {
      const slot = stateOf(sql).runs.slots.get(nameOf(name));
      if (slot?.committed?.state !== "replaced") return real(sql, name, nowMs, ended);
      const tx = transactionOf(sql);
      return tx.run("no fence", () => {
        tx.write(slot!, { ...tx.lock(slot!)!, state: "succeeded" });
        return true;
      });
    }),
  },
  {
    name: "a run whose process died is never ended",
    apply: swap(runs, "endAbandonedRuns", () => () => Promise.resolve(0)),
  },
];

/** What is given up. */
const giving: Mutation[] = [
  {
    name: "a dead letter does not end the run",
    apply: swap(runs, "markRunDead", () => nothing),
  },
  {
    name: "what is over is given up again",
    apply: all(
      lookAway,
      swap(letters, "insertDeadLetter", (real) => async (sql, letter) => {
        await real(sql, letter);
        return true;
      }),
    ),
  },
  {
    name: "a letter is written without the run's lock",
    apply: swap(
      runs,
      "tryLockRun",
      (real) => (sql, name) => "reason" in name ? Promise.resolve(true) : real(sql, name),
    ),
  },
  {
    name: "the report of an older round is believed",
    apply: swap(habits, "believesOldReports", () => true),
  },
  {
    name: "who is told that work was given up is told although the letter says otherwise",
    apply: swap(letters, "markSettled", () => nothing),
  },
  {
    name: "a replay does not replace the old run",
    apply: swap(runs, "replaceRun", () => nothing),
  },
  {
    name: "a letter may be replayed twice",
    apply: swap(letters, "markReplayed", () => nothing),
  },
  {
    name: "what was lost is a letter, and its run is not looked at",
    apply: lookAway,
  },
];

/** Messages to people, and the clock. */
const telling: Mutation[] = [
  {
    name: "a message is claimed without a lease",
    apply: swap(
      claims,
      "claimNotifications",
      (real) => (sql, nowMs, _leaseMs, rowsMax) => real(sql, nowMs, -1, rowsMax),
    ),
  },
  {
    name: "whoever lost a message to somebody else may still settle it",
    apply: swap(rules, "maySettle", () => () => true),
  },
  {
    name: "a message whose sender died is sent again without a word",
    apply: swap(
      claims,
      "claimNotifications",
      (real) => async (...given) =>
        (await real(...given)).map((row) => ({ ...row, resumed: false })),
    ),
  },
  {
    name: "a mail is sent before it is noted that its try begins",
    apply: swap(
      claims,
      "beginSending",
      () => (_sql, claimed) => Promise.resolve(new Set(claimed.map(({ id }) => id))),
    ),
  },
  {
    name: "whoever lost a message to somebody else may still begin to send it",
    apply: swap(rules, "mayBegin", () => () => true),
  },
  {
    name: "a sender's death raises doubt about all that it had claimed",
    apply: swap(claims, "claimNotifications", (real) => async (sql, ...rest) => {
      const tx = transactionOf(sql);
      const held = tx.find(
        stateOf(sql).notifications,
        ({ status }) => status === "queued",
      );
      for (const slot of held) {
        const row = tx.isFree(slot) ? tx.lock(slot) : undefined;
        const isOver = row?.lease_until && row.lease_until < rest[0];
        if (row && isOver) tx.write(slot, { ...row, maybe_sent: true });
      }
      return await real(sql, ...rest);
    }),
  },
  {
    name: "each try has an idempotency key of its own",
    apply: swap(habits, "freshKeys", () => true),
  },
  {
    name: "a report moves a message back",
    apply: swap(
      notifications,
      "moveNotification",
      (real) => (sql, id, status) => real(sql, id, status === "opened" ? "sent" : status),
    ),
  },
  {
    name: "a report is applied over and over",
    apply: swap(notifications, "markReceiptApplied", () => nothing),
  },
  {
    name: "a slot of the clock is passed over",
    apply: swap(
      schedules,
      "advanceSchedules",
      (real) => (sql, advanced) =>
        real(sql, advanced.map(({ job, lastDueMs }) => ({ job, lastDueMs: lastDueMs + 120_000 }))),
    ),
  },
];

/** Each of them is a fault that delivery is built to keep out. */
export const mutations: Mutation[] = [...asking, ...running, ...giving, ...telling];
