import { inTransaction, type Needs } from "../ctx.ts";
import { insertDeadLetter, markRunDead } from "./store.ts";

/** A message that QStash has given up on. */
export interface DeadMessage {
  job: string;
  key: string;
  version: number;
  payload: Record<string, unknown>;
  reason: string;
  status: number | null;
  attempts: number;
}

/** Keeps a message that will not be delivered again, once, so that staff can see why and replay it. */
export async function recordDeadLetter(
  ctx: Needs<"actor" | "database" | "log" | "newId">,
  message: DeadMessage,
): Promise<void> {
  await inTransaction(ctx, async ({ sql, afterCommit }) => {
    const letter = { id: ctx.newId(), ...message };
    const first = await insertDeadLetter(sql, letter);
    if (!first) return;
    await markRunDead(sql, letter);
    const { id, job, attempts, status } = letter;
    afterCommit(() =>
      ctx.log.event({
        severity: "error",
        kind: "dead_letter",
        message: `${job} was given up on`,
        details: { job, attempts, status, deadLetterId: id },
      })
    );
  });
}
