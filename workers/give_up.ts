import type { Ctx, InTransaction } from "../services/ctx.ts";
import type { LostMessage } from "../services/jobs/mod.ts";
import type { Job } from "./job.ts";

/**
 * Tells a job that a message of it will not be worked on, where it wants to know and can read the message.
 *
 * @returns whether somebody was told
 */
export async function giveUp(
  tx: Ctx & InTransaction,
  job: Job | undefined,
  { payload, key }: Pick<LostMessage, "key" | "payload">,
): Promise<boolean> {
  const { success, data } = job?.payload.safeParse(payload) ?? { success: false };
  if (!success || job?.givenUp === undefined) return false;
  await job.givenUp(tx, data, key);
  return true;
}
