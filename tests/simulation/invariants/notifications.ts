import { canMove } from "../../../services/notifications/model/mod.ts";
import type { EventState, NotificationState } from "../stores/state.ts";
import type { Change } from "../stores/tables.ts";
import type { Process } from "../world/process.ts";
import type { World } from "../world/world.ts";
import type { Watch } from "./mod.ts";

type Found = Generator<string>;

/** A status moves only as the product's own table of moves says; the claim of a waiting message is such a move. */
export function watchStatuses(
  world: World,
  change: Change,
  { histories, holders }: Watch,
  process: Process,
): void {
  if (change.table !== "notifications" || change.after === undefined) return;
  const before = (change.before as NotificationState | undefined)?.status;
  const { status, lease_until, fence } = change.after as NotificationState;
  if (before === undefined) return void histories.set(change.key, [status]);
  const isClaim = fence !== (change.before as NotificationState).fence;
  const old = change.before as NotificationState;
  // What its holder ends counts as sent meanwhile: not every channel has a vendor that it is handed to.
  const from = old.lease_until === null ? before : "sending";
  if (status !== before && !canMove(from, status) && !canMove(before, status)) {
    world.violate("a message's status moves forward only", `${change.key}: ${before} -> ${status}`);
  }
  if (isClaim) holders.set(change.key, process);
  const isNewlyInDoubt = (change.after as NotificationState).maybe_sent && !old.maybe_sent;
  if (isNewlyInDoubt && before !== "sending" && isWaiting(before)) {
    world.violate("only what had begun may have been sent", change.key);
  }
  // A report moves a message without a next moment for it.
  const { next_attempt_at } = change.before as NotificationState;
  const isEnded = !isClaim &&
    (change.after as NotificationState).next_attempt_at !== next_attempt_at;
  if (isEnded && holders.get(change.key) !== process) {
    world.violate("only who holds a message settles it", `${change.key} -> ${status}`);
  }
  if (isClaim) return;
  const isSettled = old.lease_until !== null && lease_until === null;
  if (status !== before || isSettled) histories.get(change.key)?.push(status);
}

/** Waiting in any way is one place in the life of a message. */
const canBeClaimed = new Set(["queued", "held", "scheduled", "sending"]);

const isWaiting = (status: string) => canBeClaimed.has(status);

function* emailsOf({ state }: World): Generator<NotificationState> {
  for (const row of state.notifications.rows()) if (row.channel === "email") yield row;
}

function* everyRequestForAMailIsAMessage({ state }: World): Found {
  for (const [name, { committed: kind = "" }] of state.asked.slots) {
    if (!kind.startsWith("mail")) continue;
    const number = Number(name.slice(1));
    const messages = [...state.notifications.rows()].filter(({ data }) => data.request === name);
    const wanted = number % 2 === 0 ? 1 : 2;
    if (messages.length !== wanted) yield `${name} has ${messages.length} messages of ${wanted}`;
  }
}

function* everyMessageComesToItsEnd({ state }: World): Found {
  for (const row of state.notifications.rows()) {
    if (isWaiting(row.status)) {
      yield `${row.id} is ${row.status}, next at ${new Date(row.next_attempt_at).toISOString()}`;
    }
  }
}

function* whatIsSaidToBeSentWasSent(world: World, { vendor }: Watch): Found {
  const said = new Set(["sent", "delivered", "opened", "clicked", "bounced"]);
  for (const { id, status } of emailsOf(world)) {
    if (said.has(status) && !vendor.sent.has(id)) yield `${id} is ${status}`;
  }
}

/** Unless the person or the vendor refused it, or it was given up after silence, and says so. */
function* whatWasSentIsSaidToBeSent(world: World, { vendor }: Watch): Found {
  const silent = new Set(["dead", "queued", "held", "expired", "suppressed"]);
  for (const { id, status, maybe_sent } of emailsOf(world)) {
    if (vendor.sent.has(id) && silent.has(status) && !maybe_sent) yield `${id} is ${status}`;
  }
}

function* aMailGoesOutOnceThroughAVendorThatTakesAKey(world: World, { vendor }: Watch): Found {
  if (!world.shape.idempotentVendor) return;
  for (const { id } of emailsOf(world)) {
    const mails = vendor.sent.get(id)?.mails ?? 0;
    if (mails > 1) yield `${id}: ${mails} mails`;
  }
}

/** Without a key each try that ended without a word may cost a duplicate, never more than that one; the trace tells of each. */
function* aMailThatWentOutTwiceSaysWhy(world: World, { vendor }: Watch): Found {
  for (const row of emailsOf(world)) {
    const mails = vendor.sent.get(row.id)?.mails ?? 0;
    if (mails < 2) continue;
    const told = eventsOf(world, row.id).filter(({ reason }) =>
      /maybe sent|may have been/.test(reason)
    );
    if (!row.maybe_sent) yield `${row.id} is not marked`;
    if (told.length < mails - 1) yield `${row.id}: ${mails} mails, ${told.length} words of it`;
  }
}

function eventsOf({ state }: World, notificationId: string): EventState[] {
  return [...state.events.rows()].filter((row) => row.notification_id === notificationId);
}

/** Each status but the one of being at it has its row in the trace, and each row that moved has its status. */
export function* historyMatchesEvents(world: World, { histories }: Watch): Found {
  for (const [id, history] of histories) {
    const had = history.filter((status) => status !== "sending").sort().join(" ");
    const events = eventsOf(world, id).filter(({ moved, status }) => moved && status !== "sending");
    const told = events.map(({ status }) => status);
    // What is placed in the app at once has been in the queue for no time at all.
    const isPlacedAtOnce = history[0] === "delivered";
    if (isPlacedAtOnce) told.splice(told.indexOf("queued"), 1);
    if (had !== told.sort().join(" ")) yield `${id}: was ${had}; its trace says ${told.join(" ")}`;
  }
}

export const notificationInvariants = [
  everyRequestForAMailIsAMessage,
  everyMessageComesToItsEnd,
  whatIsSaidToBeSentWasSent,
  whatWasSentIsSaidToBeSent,
  aMailGoesOutOnceThroughAVendorThatTakesAKey,
  aMailThatWentOutTwiceSaysWhy,
];
