import { crc32 } from "../lib/crc32.ts";

/** Longer and longer, an hour at most. */
const firstSeconds = 15;
const mostSeconds = 3_600;

/**
 * After how many seconds a message should come again that was `retried` times, while a part of ours is away or too much
 * goes on: five tries in short order would all meet the same outage. Spread by a quarter either way, by the message's
 * id, so that those who are sent away together do not come back together.
 */
export function comeAgainSeconds(retried: number, messageId: string): number {
  const seconds = Math.min(mostSeconds, firstSeconds * 4 ** retried);
  const spread = (crc32(messageId) % 1_000) / 1_000;
  return Math.ceil(seconds * (0.75 + 0.5 * spread));
}
