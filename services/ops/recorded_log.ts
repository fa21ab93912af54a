import { Failure } from "../../lib/errors.ts";
import type { Fields, Log } from "../../lib/log.ts";
import type { Recorder } from "./create_recorder.ts";

type Records = Pick<Recorder, "event" | "error">;

/**
 * The same log, whose events are kept as rows, and whose error lines with an `error` in them are kept in groups: what
 * is worth an error line was not expected. A failure of the catalogue was, unless it stands for a bug (`internal`).
 * The first line that tells of an error is the one that counts. Lines of other levels pass through untouched.
 */
export function recordedLog(log: Log, recorder: Records): Log {
  const met = new WeakSet<object>();

  function record(fields: Fields) {
    const error = unexpected(fields.error);
    if (error === undefined) return;
    if (typeof error === "object" && error !== null) {
      if (met.has(error)) return;
      met.add(error);
    }
    recorder.error(error, {
      requestId: textOf(fields.id ?? fields.messageId),
      route: routeOf(fields),
    });
  }

  function recorded(inner: Log, bound: Fields): Log {
    return {
      ...inner,
      error(message, fields = {}) {
        inner.error(message, fields);
        record({ ...bound, ...fields });
      },
      event(event) {
        inner.event(event);
        recorder.event(event);
      },
      with: (fields) => recorded(inner.with(fields), { ...bound, ...fields }),
    };
  }
  return recorded(log, {});
}

function unexpected(error: unknown): unknown {
  if (!(error instanceof Failure)) return error;
  return error.code === "internal" ? error.cause ?? error : undefined;
}

function routeOf({ job, route }: Fields): string | undefined {
  return typeof job === "string" ? `job ${job}` : textOf(route);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
