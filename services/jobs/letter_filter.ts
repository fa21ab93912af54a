import type { DeadLetterFilter } from "./schema.ts";
import type { LetterFilter } from "./store/dead_letters.ts";

/** A filter as people send it, in the words of the store: what is not given fits every letter. */
export function letterFilter(filter: DeadLetterFilter): LetterFilter {
  const { job = null, key = null, state = null, status = null, reason = null } = filter;
  const { from, before } = filter;
  return {
    job,
    key,
    state,
    status,
    reason,
    createdFrom: from === undefined ? null : new Date(from),
    createdBefore: before === undefined ? null : new Date(before),
  };
}
