import type { JobMessage, JobPolicy } from "../../schema.ts";

/** One entry of a QStash batch. */
export interface QstashMessage {
  url: string;
  body: string;
  headers: Record<string, string>;
  deduplicationId: string;
  retries: number;
  timeout: number;
  label: string;
  failureCallback?: string;
  notBefore?: number;
  flowControl?: { key: string; parallelism: number };
}

/** Our message in QStash's words. Payloads are ids, so a message stays below 1 kB and holds no personal data. */
export function toQstash(message: JobMessage, policy: JobPolicy, publicUrl: string): QstashMessage {
  const { job, key, version, payload, notBeforeMs, requestId, traceparent } = message;
  const url = `${publicUrl}/jobs/${job}`;
  return {
    url,
    body: JSON.stringify({
      key,
      version,
      payload,
      ...(requestId ? { requestId } : {}),
      ...(traceparent ? { traceparent } : {}),
    }),
    headers: { "content-type": "application/json" },
    // A colon is refused by the real service. No job's name holds a hyphen, so that no two runs share an id.
    deduplicationId: `${job}-${key}-${version}`,
    retries: policy.retries,
    timeout: policy.timeLimitSeconds,
    label: job,
    // What is not tried again is started anew by the clock: a dead letter of it would tell nobody anything.
    ...(policy.retries > 0 ? { failureCallback: `${url}/failed` } : {}),
    ...(notBeforeMs === null ? {} : { notBefore: Math.ceil(notBeforeMs / 1_000) }),
    ...(policy.flowControl ? { flowControl: policy.flowControl } : {}),
  };
}
