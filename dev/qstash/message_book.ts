import { secondMs } from "../../lib/time.ts";
import type { Message } from "./message.ts";

/** "Removed shortly after they're delivered" says the documentation; this long they can be read. */
const lingerMs = 10 * secondMs;
const finishedKept = 1_000;

/** Every message that is not over, and the latest that are. */
export interface MessageBook {
  add(message: Message): void;
  finish(message: Message): void;
  /** A message as the API shows it: one that was over long enough is gone. */
  find(id: string): Message | undefined;
  live(): Message[];
  liveCount(): number;
  /** The finished ones that are remembered, then the live ones, each in the order in which they came. */
  all(): Message[];
}

export function createMessageBook(now: () => number): MessageBook {
  const live = new Map<string, Message>();
  const finished = new Map<string, Message>();

  function finish(message: Message) {
    live.delete(message.id);
    message.finishedMs = now();
    finished.set(message.id, message);
    const [oldest] = finished.keys();
    if (finished.size > finishedKept && oldest !== undefined) finished.delete(oldest);
  }

  function find(id: string): Message | undefined {
    const over = finished.get(id);
    const readable = over !== undefined && now() - (over.finishedMs ?? 0) < lingerMs;
    return readable ? over : live.get(id);
  }
  return {
    add: (message) => void live.set(message.id, message),
    finish,
    find,
    live: () => [...live.values()],
    liveCount: () => live.size,
    all: () => [...finished.values(), ...live.values()],
  };
}
