import { toInstant } from "../../lib/time.ts";
import type { DeadLetter } from "./schema.ts";
import type { DeadLetterRow } from "./store/dead_letters.ts";

/** A letter as staff read it. */
export function viewDeadLetter(row: DeadLetterRow): DeadLetter {
  const { id, job, key, payload, reason, status, attempts, replay_version, replay_state } = row;
  return {
    id,
    job,
    key,
    runVersion: Number(row.version),
    payload,
    reason,
    status,
    attempts,
    state: row.state as DeadLetter["state"],
    createdAt: toInstant(row.created_at),
    replayedAt: row.replayed_at && toInstant(row.replayed_at),
    replay: replay_version === null
      ? null
      : { version: Number(replay_version), state: replay_state ?? "waiting" },
  };
}
