import type { Client } from "@upstash/qstash";
import { mergeWakes } from "../../model/merge_wakes.ts";
import type { JobPolicy, OutboxMessage, Taken } from "../../schema.ts";
import { type QstashMessage, toQstash } from "./map.ts";

/** Sends a batch; throws what the SDK throws. */
export type SendBatch = (batch: QstashMessage[]) => ReturnType<Client["batch"]>;

/**
 * Publishes rows of the outbox in one call. Rows of a job that nobody knows are not taken. Where QStash refuses the
 * whole call for what is in it, halves are tried, so that one bad message holds up nothing but itself.
 */
export async function publish(
  rows: OutboxMessage[],
  policyOf: (job: string) => JobPolicy | undefined,
  publicUrl: string,
  send: SendBatch,
): Promise<(Taken | null)[]> {
  const taken = new Map<string, Taken>();
  const messages: { message: QstashMessage; rowIds: string[]; over: boolean }[] = [];
  for (const parcel of mergeWakes(rows, policyOf)) {
    parcel.messages.forEach((message, index) => {
      const policy = policyOf(message.job);
      // That a further slot was not taken is no loss: the first one goes on until nothing is left.
      const rowIds = index === 0 ? parcel.rowIds : [];
      if (!policy) return;
      messages.push({ message: toQstash(message, policy, publicUrl), rowIds, over: parcel.over });
    });
  }
  const ids = await sendAll(messages.map(({ message }) => message), send);
  messages.forEach(({ rowIds, over }, index) => {
    const messageId = ids[index];
    if (messageId) { for (const id of rowIds) taken.set(id, { messageId, over }); }
  });
  return rows.map(({ id }) => taken.get(id) ?? null);
}

async function sendAll(batch: QstashMessage[], send: SendBatch): Promise<(string | null)[]> {
  if (batch.length === 0) return [];
  try {
    const answers = await send(batch);
    return batch.map((_, index) => messageIdOf(answers[index]));
  } catch (error) {
    if (!isAboutContent(error)) throw error;
    if (batch.length === 1) return [null];
    const middle = Math.ceil(batch.length / 2);
    return [
      ...await sendAll(batch.slice(0, middle), send),
      ...await sendAll(batch.slice(middle), send),
    ];
  }
}

/** Too large, or malformed in QStash's eyes; not: a wrong token, too many requests, an outage. */
function isAboutContent(error: unknown): boolean {
  const { status } = error as { status?: unknown };
  return status === 400 || status === 413 || status === 422;
}

function messageIdOf(answer: unknown): string | null {
  const id = (answer as { messageId?: unknown } | undefined)?.messageId;
  return typeof id === "string" ? id : null;
}
