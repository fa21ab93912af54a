import fc from "fast-check";

/** One call of a store's function, as data: the same is done to Postgres and to memory. */
export interface Operation {
  store: "outbox" | "runs" | "letters" | "schedules" | "notifications" | "claims" | "suppressions";
  name: string;
  given: unknown[];
  /** SQL leaves the order of what it answers open. */
  unordered?: boolean;
}

const startMs = Date.UTC(2030, 0, 7, 12);
const uuid = (digit: number, group: string) => `00000000-0000-7000-8000-0000000${group}${digit}`;

const moment = fc.integer({ min: 0, max: 40 }).map((step) => startMs + step * 5_000);
const job = fc.constantFrom("do_once", "move_rows");
const name = fc.record({
  job,
  key: fc.constantFrom("a", "b"),
  version: fc.constantFrom(1, 2),
});
const delivery = name.map((run) => ({ ...run, messageId: "m1", retried: 0, last: false }));
const few = fc.integer({ min: 1, max: 3 });
const origin = fc.constantFrom({ requestId: null, traceparent: null }, {
  requestId: "r",
  traceparent: "t",
});
const letterId = fc.integer({ min: 0, max: 7 }).map((digit) => uuid(digit, "1111"));
const messageId = fc.integer({ min: 0, max: 4 }).map((digit) => uuid(digit, "2222"));
const userId = fc.integer({ min: 0, max: 1 }).map((digit) => uuid(digit, "3333"));

/** Ids are made once each, as the product's are. */
let made = 0;
const freshId = () => `00000000-0000-7000-9000-${(made++).toString(16).padStart(12, "0")}`;
const request = fc.tuple(name, fc.option(moment, { nil: undefined }), few).map((
  [run, notBeforeMs, units],
) => ({ ...run, notBeforeMs, units, payload: { one: 1 } }));

function call(store: Operation["store"], name: string, unordered = false) {
  return (given: unknown[]): Operation => ({ store, name, given, unordered });
}

/** What was claimed last can be marked: its ids are only known then. */
export const lastClaimed = "the ids that were claimed last";

const outbox = [
  fc.tuple(request, origin).map(([one, from]) =>
    call("outbox", "insertOutbox")([freshId(), one, from])
  ),
  fc.tuple(fc.array(request, { minLength: 1, maxLength: 3 }), origin).map(([several, from]) =>
    call("outbox", "insertOutboxRows")([several.map((one) => ({ id: freshId(), ...one })), from])
  ),
  fc.tuple(moment, few).map(call("outbox", "claimOutbox", true)),
  fc.tuple(fc.boolean(), moment).map(([over, nowMs]) =>
    call("outbox", "markPublished")([lastClaimed, nowMs, over])
  ),
  fc.tuple(name, moment).map(call("outbox", "endOutbox")),
  fc.tuple(name, moment).map(call("outbox", "reopenOutbox")),
  fc.tuple(name).map(call("outbox", "lockOutbox")),
  fc.record({
    job,
    nowMs: moment,
    patienceMs: fc.array(fc.constantFrom(0, 5_000, 20_000), { minLength: 1, maxLength: 3 }),
    rowsMax: fc.constant(100),
  }).map((filter) => call("outbox", "selectUnheard", true)([filter])),
  fc.tuple(moment).map(call("outbox", "deleteForgottenOutbox")),
  fc.tuple(moment, fc.constant(100)).map(call("outbox", "deleteEndedOutbox")),
];

const fence = fc.integer({ min: 1, max: 3 });
const progress = fc.constantFrom({ done: 1, total: null }, { done: 2, total: 3 });
const runs = [
  fc.tuple(name).map(call("runs", "tryLockRun")),
  fc.tuple(delivery, fc.constant("r"), moment, moment).map(call("runs", "insertDoneRun")),
  fc.tuple(delivery, fc.constant("r"), moment, fc.constantFrom(5_000, 30_000)).map(
    call("runs", "leaseRun"),
  ),
  fc.tuple(name).map(call("runs", "isRunOver")),
  fc.tuple(name, moment, fc.record({ fence, progress: fc.option(progress, { nil: undefined }) }))
    .map(call("runs", "finishRun")),
  fc.tuple(
    delivery,
    fc.constant("r"),
    moment,
    fc.record({ errorCode: fc.constant("internal"), fence: fc.option(fence), last: fc.boolean() }),
  ).map(call("runs", "failRun")),
  fc.tuple(name, fence, progress).map(call("runs", "updateProgress")),
  fc.tuple(name, moment).map(call("runs", "markRunDead")),
  fc.tuple(name).map(call("runs", "lockRun")),
  fc.tuple(name, moment).map(call("runs", "replaceRun")),
  fc.tuple(
    job,
    moment,
    fc.record({ state: fc.constantFrom("failed", "dead"), nowMs: moment }),
  ).map(call("runs", "endAbandonedRuns")),
  fc.tuple(moment, fc.constant(100)).map(call("runs", "deleteEndedRuns")),
];

const filter = fc.record({
  job: fc.option(job),
  key: fc.option(fc.constantFrom("a", "b")),
  state: fc.option(fc.constantFrom("waiting", "replayed", "settled")),
  status: fc.option(fc.constantFrom(489, 500)),
  createdFrom: fc.option(moment.map((atMs) => new Date(atMs))),
  createdBefore: fc.option(moment.map((atMs) => new Date(atMs))),
  reason: fc.option(fc.constantFrom("NO", "poison")),
});
const letters = [
  fc.tuple(name, letterId, moment, fc.constantFrom(489, 500, null)).map(
    ([run, id, createdAtMs, status]) =>
      call("letters", "insertDeadLetter")([
        // An id belongs to one name: two letters never share one.
        {
          ...run,
          id: letterOf(run, id),
          payload: {},
          reason: "no answer",
          status,
          attempts: 3,
          createdAtMs,
        },
      ]),
  ),
  fc.tuple(name, letterId).map(([run, id]) =>
    call("letters", "selectDeadLetter")([letterOf(run, id)])
  ),
  fc.tuple(name, letterId).map(([run, id]) =>
    call("letters", "lockDeadLetter")([letterOf(run, id)])
  ),
  fc.tuple(filter, few).map(call("letters", "lockWaitingLetters")),
  fc.tuple(filter).map(call("letters", "countWaitingLetters")),
  fc.tuple(name, letterId, few, moment).map(([run, id, version, nowMs]) =>
    call("letters", "markReplayed")([letterOf(run, id), version, nowMs])
  ),
  fc.tuple(name, letterId).map(([run, id]) => call("letters", "markSettled")([letterOf(run, id)])),
  fc.tuple(moment).map(call("letters", "deleteAnsweredLetters")),
];

function letterOf(
  { job, key, version }: { job: string; key: string; version: number },
  _id: string,
) {
  return uuid((job === "do_once" ? 0 : 4) + (key === "a" ? 0 : 2) + version - 1, "1111");
}

const coded = fc.constantFrom("one", "two", "three").chain((job) =>
  fc.record({
    job: fc.constant(job),
    timing: fc.constantFrom("every 60 s", "every 90 s"),
    catchUp: fc.constantFrom("latest", "each"),
    nextDueMs: moment,
  })
);
/** Hours apart: a schedule is noted anew after one, and not shown any more after three. */
const longMoment = fc.integer({ min: 0, max: 12 }).map((step) => startMs + step * 1_800_000);
const schedules = [
  fc.tuple(fc.uniqueArray(coded, { selector: ({ job }) => job, maxLength: 3 }), longMoment).map(
    call("schedules", "syncSchedules"),
  ),
  fc.tuple().map(call("schedules", "lockSchedules")),
  fc.tuple(
    fc.uniqueArray(
      fc.record({ job: fc.constantFrom("one", "two", "three"), lastDueMs: moment }),
      { selector: ({ job }) => job, maxLength: 3 },
    ),
  ).map(call("schedules", "advanceSchedules")),
  fc.tuple().map(call("schedules", "selectSchedules")),
  fc.tuple(longMoment).map(call("schedules", "deleteUnknownSchedules")),
  fc.tuple(fc.constantFrom("one", "two"), fc.boolean(), moment).map(call("schedules", "setPaused")),
];

const status = fc.constantFrom("queued", "held", "sent", "dead", "delivered");
const settlement = fc.record({
  status,
  reason: fc.constant("why"),
  provider: fc.option(fc.constant("postbox"), { nil: undefined }),
  providerMessageId: fc.option(fc.constant("p1"), { nil: undefined }),
  nextAttemptAtMs: fc.option(moment, { nil: undefined }),
  maybeSent: fc.option(fc.boolean(), { nil: undefined }),
  untried: fc.option(fc.boolean(), { nil: undefined }),
  item: fc.option(fc.constant({ title: "t", body: "b" }), { nil: undefined }),
});
const receipt = fc.record({
  provider: fc.constant("postbox"),
  eventId: fc.constantFrom("e1", "e2", "e3"),
  notificationId: fc.option(messageId),
  providerMessageId: fc.option(fc.constant("p1")),
  recipient: fc.option(fc.constant("a@b.test")),
  kind: fc.constantFrom("delivered", "opened"),
  reason: fc.constant(null),
  permanent: fc.boolean(),
  machine: fc.boolean(),
  raw: fc.constant("{}"),
});
const claim = fc.tuple(messageId, fence, userId).map(([id, fence, user_id]) => ({
  ...{ id, user_id, priority: 2 },
  fence: `${fence}`,
}));
const notifications = [
  fc.tuple(messageId, userId, status, moment, few).map((
    [id, userId, status, nextAttemptAtMs, priority],
  ) =>
    call("notifications", "insertNotification")([{
      ...{ id, userId, status, nextAttemptAtMs, priority },
      ...{ requestId: id, type: "security_alert", channel: "email", data: {} },
      ...{ dedupeKey: id, createdAtMs: startMs },
    }])
  ),
  fc.tuple(userId, fc.constant("security_alert"), messageId).map(
    call("notifications", "selectRequest"),
  ),
  fc.tuple(moment, fc.constantFrom(5_000, 60_000), fc.constant(100)).map(
    call("claims", "claimNotifications", true),
  ),
  fc.array(claim, { minLength: 1, maxLength: 3 }).map((several) =>
    call("claims", "beginSending")([several])
  ),
  fc.tuple(fc.array(fc.tuple(claim, settlement), { minLength: 1, maxLength: 3 }), moment).map(
    ([several, nowMs]) =>
      call("claims", "settleNotifications")([
        // A message is ended once in a batch: its claim is held by one.
        several.filter(([{ id }], at) => several.findIndex(([one]) => one.id === id) === at)
          .map(([claimed, settled]) => ({ eventId: freshId(), claimed, settlement: settled })),
        nowMs,
      ]),
  ),
  // The first batch again, as after a commit of which nobody heard.
  fc.tuple(claim, settlement, moment).map(([claimed, settled, nowMs]) =>
    call("claims", "settleNotifications")([
      [{ eventId: uuid(1, "4444"), claimed, settlement: settled }],
      nowMs,
    ])
  ),
  fc.tuple(moment).map(call("claims", "isAnyDue")),
  fc.tuple(messageId, fc.constant("postbox"), fc.constant("p1")).map(
    call("notifications", "lockReported"),
  ),
  fc.tuple(messageId, status).map(call("notifications", "moveNotification")),
  fc.tuple(fc.array(receipt, { minLength: 1, maxLength: 3 }), moment, moment).map(
    ([receipts, atMs, nowMs]) =>
      call("notifications", "insertReceipts")([receipts.map((one) => ({ ...one, atMs })), nowMs]),
  ),
  fc.tuple(fc.constant(100)).map(call("notifications", "lockWaitingReceipts", true)),
  fc.tuple(fc.constant("postbox"), fc.constantFrom("e1", "e2"), moment).map(
    call("notifications", "markReceiptApplied"),
  ),
  fc.tuple(fc.constant("email"), fc.constantFrom("A@b.test", "c@d.test")).map(
    call("suppressions", "selectSuppression"),
  ),
  fc.tuple(
    fc.constant("email"),
    fc.constantFrom("a@B.test", "c@d.test"),
    fc.constant("why"),
    moment,
  )
    .map(call("suppressions", "insertSuppression")),
];

/** Any order of any operations, of the parts of delivery that touch one another. */
export const sequences = fc.oneof(
  fc.array(fc.oneof(...outbox, ...runs, ...letters), { minLength: 10, maxLength: 40 }),
  fc.array(fc.oneof(...notifications), { minLength: 10, maxLength: 40 }),
  fc.array(fc.oneof(...schedules), { minLength: 5, maxLength: 15 }),
);
