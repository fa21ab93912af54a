import { pause } from "../../../../lib/time.ts";
import { startVendorCall } from "../../../../lib/vendor_metrics.ts";
import type { JobMessage, JobPolicy, Queue } from "../../schema.ts";
import { lazyClient, type QstashSettings } from "./client.ts";
import { toQstash } from "./map.ts";

export type { QstashSettings } from "./client.ts";
export { createVerifier, type SigningKeys, type VerifyDelivery } from "./verify.ts";

// The SDK has no deadline of its own.
const deadlineMs = 10_000;

/** QStash as the queue. Messages of a job that nobody knows are not taken, and stay in the outbox. */
export function createQstashQueue(
  settings: QstashSettings,
  policyOf: (job: string) => JobPolicy | undefined,
): Pick<Queue, "publish"> {
  const client = lazyClient(settings);
  return {
    async publish(messages: JobMessage[]) {
      const known = messages.flatMap((message) => {
        const policy = policyOf(message.job);
        return policy ? [{ id: message.id, policy, message }] : [];
      });
      if (known.length === 0) return messages.map(() => null);
      const batch = known.map(({ message, policy }) =>
        toQstash(message, policy, settings.publicUrl)
      );
      const answers = await withDeadline((await client()).batch(batch));
      const ids = new Map(known.map(({ id }, index) => [id, messageIdOf(answers[index])]));
      return messages.map(({ id }) => ids.get(id) ?? null);
    },
  };
}

/** Sets the one schedule that drives all others: `tick`, each minute. Setting it again changes nothing. */
export async function upsertTickSchedule(settings: QstashSettings): Promise<void> {
  const qstash = await lazyClient(settings)();
  await withDeadline(qstash.schedules.create({
    scheduleId: "almanac_tick",
    destination: `${settings.publicUrl}/jobs/tick`,
    cron: "* * * * *",
    body: JSON.stringify({ key: "minute", payload: {} }),
    headers: { "content-type": "application/json" },
    retries: 0,
    timeout: 50,
  }));
}

function messageIdOf(answer: unknown): string | null {
  const id = (answer as { messageId?: unknown } | undefined)?.messageId;
  return typeof id === "string" ? id : null;
}

async function withDeadline<T>(calling: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const late = pause(deadlineMs, answered.signal).then(() => {
    throw new DOMException("QStash did not answer in time", "TimeoutError");
  });
  late.catch(() => {});
  const ended = startVendorCall("qstash");
  try {
    const answer = await Promise.race([calling, late]);
    ended("answered");
    return answer;
  } catch (error) {
    ended(error instanceof DOMException ? "timeout" : "failed");
    throw error;
  } finally {
    answered.abort();
  }
}
