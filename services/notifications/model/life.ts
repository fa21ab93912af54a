import type { Status } from "../schema.ts";

/** What a vendor can tell of a message that has left us. */
const reports: Status[] = [
  "delivered",
  "opened",
  "clicked",
  "bounced",
  "complained",
  "unsubscribed",
];
/** What can become of a message before it is sent. */
const withdrawals: Status[] = ["suppressed", "cancelled", "expired", "dead"];

/**
 * The moves that a message can make. A status moves only forward: a report that would move it elsewhere is kept in
 * the trace and changes nothing. What a mail client reports may skip steps, since reports come late or not at all.
 * A message whose try ended without an answer waits or is given up, and a report then still tells that it went out.
 */
const moves: Record<Status, Status[]> = {
  requested: ["scheduled", "held", "queued", "delivered", ...withdrawals],
  scheduled: ["sending", ...withdrawals],
  held: ["sending", "sent", "failed", ...reports, ...withdrawals],
  queued: ["sending", "sent", "failed", ...reports, ...withdrawals],
  // Back to queued or held for another try; straight to what the vendor reports where it is faster than its answer.
  sending: ["sent", "queued", "held", "failed", ...reports, ...withdrawals],
  sent: ["failed", ...reports],
  delivered: ["opened", "clicked", "bounced", "complained", "unsubscribed"],
  opened: ["clicked", "complained", "unsubscribed"],
  clicked: ["complained", "unsubscribed"],
  failed: ["dead"],
  suppressed: [],
  dead: reports,
  bounced: [],
  complained: [],
  unsubscribed: ["complained"],
  cancelled: [],
  expired: reports,
};

/** Whether a message may go from one state to another. */
export function canMove(from: Status, to: Status): boolean {
  return moves[from].includes(to);
}
