import type { Message, State } from "./message.ts";
import { Refusal } from "./refusal.ts";

/** What a filter looks at: a message, and for an event or a dead letter its own moment, state and status. */
export interface Filterable {
  message: Message;
  timeMs: number;
  state?: State;
  responseStatus?: number;
}

type Reader = (item: Filterable) => Array<string | number | undefined>;

const common: Record<string, Reader> = {
  url: ({ message }) => [message.url],
  topicName: ({ message }) => [message.topicName],
  queueName: ({ message }) => [message.request.queueName],
  scheduleId: ({ message }) => [message.request.scheduleId],
  label: ({ message }) => message.options.labels,
  flowControlKey: ({ message }) => [message.options.flow?.key],
  callerIp: () => [callerIp],
};
const messageId: Reader = ({ message }) => [message.id];
const place: Record<string, Reader> = {
  host: ({ message }) => [new URL(message.url).host],
  path: ({ message }) => [new URL(message.url).pathname],
};

/** Only loopback reaches the stand-in, so that every publisher has this address. */
export const callerIp = "127.0.0.1";

/** The filters that each list knows; another name is refused, as a misspelt one would select everything. */
export const filterSets = {
  messages: { ...common, ...place, messageIds: messageId, callerIP: () => [callerIp] },
  deadLetters: { ...common, messageId, responseStatus: (item) => [item.responseStatus] },
  events: { ...common, ...place, messageId, messageIds: messageId, state: statesOf },
} satisfies Record<string, Record<string, Reader>>;

/** Parameters beside the filters: pages, ranges of time, and ids that are looked up otherwise. */
const otherParameters = ["count", "cursor", "order", "fromDate", "toDate", "dlqIds"];

/**
 * Reads the filters of a query. Several values of one name, repeated or joined by commas, mean any of
 * them; several names mean all of them. Throws a 400 for a name that the list does not know.
 */
export function readFilter(
  query: URLSearchParams,
  readers: Record<string, Reader>,
): (item: Filterable) => boolean {
  const known = new Set([...Object.keys(readers), ...otherParameters]);
  for (const name of query.keys()) {
    if (!known.has(name)) throw new Refusal(400, `unknown filter: ${name}`);
  }
  const fromMs = readWholeNumber(query, "fromDate") ?? -Infinity;
  const toMs = readWholeNumber(query, "toDate") ?? Infinity;
  const wanted = Object.keys(readers).filter((name) => query.has(name))
    .map((name) => ({ read: readers[name], values: valuesOf(query, name) }));
  return (item) =>
    item.timeMs >= fromMs && item.timeMs <= toMs &&
    wanted.every(({ read, values }) => read?.(item).some((value) => values.has(String(value))));
}

/** Every value of a name; one with commas counts both whole and in its parts, as a URL may hold one. */
export function valuesOf(query: URLSearchParams, name: string): Set<string> {
  return new Set(query.getAll(name).flatMap((value) => [value, ...value.split(",")]));
}

export function readWholeNumber(
  query: URLSearchParams,
  name: string,
  min = 0,
  max = Infinity,
): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const isInBounds = Number(text) >= min && Number(text) <= max;
  if (!/^\d+$/.test(text) || !isInBounds) throw new Refusal(400, `invalid ${name}: ${text}`);
  return Number(text);
}

function statesOf({ state }: Filterable): Array<string | undefined> {
  const underWay = state === "ACTIVE" || state === "RETRY" || state === "ERROR";
  return underWay ? [state, "IN_PROGRESS"] : [state];
}
