/** Looked at before one is dropped; whoever wants to get rid of their own entry has to fill that many beside it. */
const looksMax = 64;

/**
 * What is remembered of many callers, of at most `max` at once. Where room is needed, the oldest that `isWorthKeeping`
 * does not speak for goes, and those that it speaks for become young again: whoever floods us with ever new addresses
 * drives out these addresses, and never a caller who has used up what they may.
 */
export interface Crowd<Entry> {
  get(key: string): Entry | undefined;
  set(key: string, entry: Entry): void;
  size(): number;
}

export interface CrowdOptions<Entry> {
  max: number;
  isWorthKeeping(entry: Entry): boolean;
  onDrop?(entry: Entry): void;
}

export function createCrowd<Entry>(options: CrowdOptions<Entry>): Crowd<Entry> {
  const entries = new Map<string, Entry>();

  function makeRoom() {
    let looks = 0;
    for (const [key, entry] of entries) {
      entries.delete(key);
      if (++looks === looksMax || !options.isWorthKeeping(entry)) return options.onDrop?.(entry);
      entries.set(key, entry);
    }
  }

  return {
    get: (key) => entries.get(key),
    set(key, entry) {
      if (entries.size >= options.max && !entries.has(key)) makeRoom();
      entries.set(key, entry);
    },
    size: () => entries.size,
  };
}
