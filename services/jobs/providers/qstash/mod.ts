import { fail } from "../../../../lib/errors.ts";
import { type Fetch, requestOutside } from "../../../../lib/http_client.ts";
import { pause, secondMs } from "../../../../lib/time.ts";
import { startVendorCall } from "../../../../lib/vendor_metrics.ts";
import type { JobPolicy, Queue } from "../../schema.ts";
import { lazyClient, type QstashSettings } from "./client.ts";
import { publish } from "./publish.ts";

export type { QstashSettings } from "./client.ts";
export { createVerifier, type SigningKeys, type VerifyDelivery } from "./verify.ts";

// The SDK has no deadline of its own.
const deadlineMs = 10_000;
const reachDeadlineMs = 2 * secondMs;
const scheduleId = "almanac_tick";

/** QStash as the queue. Messages of a job that nobody knows are not taken, and stay in the outbox. */
export function createQstashQueue(
  settings: QstashSettings,
  policyOf: (job: string) => JobPolicy | undefined,
  fetcher: Fetch,
): Pick<Queue, "publish" | "reach"> {
  const client = lazyClient(settings);
  return {
    publish: (rows) =>
      publish(rows, policyOf, settings.publicUrl, async (batch) => {
        const qstash = await client();
        return await withDeadline(qstash.batch(batch));
      }),
    reach: () => reach(settings, fetcher),
  };
}

/** Sets the one schedule that drives all others: `tick`, each minute. Setting it again changes nothing. */
export async function upsertTickSchedule(settings: QstashSettings): Promise<void> {
  const qstash = await lazyClient(settings)();
  await withDeadline(qstash.schedules.create({
    scheduleId,
    destination: `${settings.publicUrl}/jobs/tick`,
    cron: "* * * * *",
    body: JSON.stringify({ key: "minute", payload: {} }),
    headers: { "content-type": "application/json" },
    retries: 0,
    timeout: 50,
  }));
}

/**
 * Reads the one schedule of ours, which costs no message and needs no SDK. Before the first release there is none: an
 * answer of 404 is from QStash all the same, but 401 means that our token is no good.
 */
async function reach({ url, token }: QstashSettings, fetcher: Fetch): Promise<void> {
  const { status } = await requestOutside(fetcher, {
    url: `${url}/v2/schedules/${scheduleId}`,
    headers: { authorization: `Bearer ${token.reveal()}` },
    deadlineMs: reachDeadlineMs,
    bodyLimitBytes: 64_000,
  });
  if (status !== 404 && status >= 300) fail("unavailable", { detail: `QStash answers ${status}.` });
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
