import type { FlowControl as QstashFlowControl } from "@upstash/qstash";
import { isReported } from "../../model/is_reported.ts";
import type { FlowControl, JobMessage, JobPolicy } from "../../schema.ts";

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
  flowControl?: QstashFlowControl;
}

/** It waits at the door for some seconds, and the answer takes its time. */
const timeoutExtraSeconds = 15;
/** Three, QStash's default, are over in half an hour. Every plan has five for those who pay. */
const reportRetries = "5";

/** Our message in QStash's words. Payloads are ids, so a message stays below 1 kB and holds no personal data. */
export function toQstash(message: JobMessage, policy: JobPolicy, publicUrl: string): QstashMessage {
  const { job, key, version, round, payload, notBeforeMs, requestId, traceparent } = message;
  const url = `${publicUrl}/jobs/${job}`;
  return {
    url,
    body: JSON.stringify({
      key,
      version,
      payload,
      ...(round > 0 ? { round } : {}),
      ...(requestId ? { requestId } : {}),
      ...(traceparent ? { traceparent } : {}),
    }),
    headers: {
      "content-type": "application/json",
      ...(isReported(policy) ? { "upstash-failure-callback-retries": reportRetries } : {}),
    },
    // A colon is refused by the real service. No job's name holds a hyphen, so that no two runs share an id. A message
    // that was lost must not be taken for its own copy, for however long QStash remembers that one.
    deduplicationId: `${job}-${key}-${version}${round > 0 ? `-r${round}` : ""}`,
    retries: policy.retries,
    // Longer than the work may take: what is given up must not be at work still.
    timeout: policy.timeLimitSeconds + timeoutExtraSeconds,
    label: job,
    ...(isReported(policy) ? { failureCallback: `${url}/failed` } : {}),
    ...(notBeforeMs === null ? {} : { notBefore: Math.ceil(notBeforeMs / 1_000) }),
    ...(policy.flowControl ? { flowControl: toFlowControl(policy.flowControl) } : {}),
  };
}

function toFlowControl(
  { key, parallelism, rate, periodSeconds = 1 }: FlowControl,
): QstashFlowControl {
  return {
    key,
    ...(parallelism === undefined ? {} : { parallelism }),
    ...(rate === undefined ? {} : { rate, period: periodSeconds }),
  } as QstashFlowControl;
}
