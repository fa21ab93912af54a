import type { Buffer } from "node:buffer";
import {
  ExpectedIntegerError,
  RedisCommandError,
  type RedisExecutionContext,
  type RedisResult,
  type RedisStreamData,
  RedisSyntaxError,
  StreamLimitRequiresApproxError,
  WrongNumberOfArgumentsError,
} from "js-redis-server/core";
import { builtIn } from "./built_in.ts";
import { rawCommand } from "./raw_command.ts";
import { integer } from "./replies.ts";
import { readPolicy, type ReferencePolicy, removeEntry } from "./stream_entries.ts";
import { compareIds, readStreamId } from "./stream_ids.ts";

interface Trim {
  /** Whether an entry has to go, which is asked from the oldest on. */
  isOver(stream: RedisStreamData): boolean;
  limit: number;
  policy: ReferencePolicy;
}

const builtInXadd = builtIn<unknown>("xadd");

const xtrim = rawCommand({
  name: "xtrim",
  min: 3,
  write: true,
  run: ([key, ...words], ctx) => {
    const { trim, next } = readTrim(words, 0);
    if (!trim || next !== words.length) throw new RedisSyntaxError();
    return integer(key && ctx.db.getStream(key) ? applyTrim(key, trim, ctx) : 0);
  },
});

/** The store's XADD, with the forms of trimming that it does not read. */
const xadd = rawCommand({
  name: "xadd",
  min: 4,
  write: true,
  run: ([key, ...words], ctx) => {
    if (!key) throw new WrongNumberOfArgumentsError("xadd");
    const { trim, next, options } = readAddOptions(words);
    const context = { commandName: "xadd", profile: ctx.server.profile };
    const rest = [key, ...options, ...words.slice(next)];
    const { value } = builtInXadd.schema.parse(rest, 0, context);
    const reply = builtInXadd.execute(value, ctx) as RedisResult;
    if (trim && ctx.db.getStream(key)) applyTrim(key, trim, ctx);
    return reply;
  },
});

/** XADD and XTRIM with `=`, `LIMIT`, and what becomes of references. */
export const streamTrimCommands = [xadd, xtrim];

function readAddOptions(words: Buffer[]): { trim?: Trim; next: number; options: Buffer[] } {
  const options: Buffer[] = [];
  let next = 0;
  let trim: Trim | undefined;
  for (;; next++) {
    const word = words[next];
    if (word && word.toString().toUpperCase() === "NOMKSTREAM") options.push(word);
    else if (!readPolicy(word?.toString())) {
      const read = readTrim(words, next);
      if (!read.trim) return { trim, next, options };
      trim = read.trim;
      next = read.next - 1;
    }
  }
}

/** Reads `MAXLEN | MINID [= | ~] threshold [LIMIT count] [policy]`, if it stands there. @throws RedisCommandError */
function readTrim(words: Buffer[], start: number): { trim?: Trim; next: number } {
  const strategy = words[start]?.toString().toUpperCase();
  if (strategy !== "MAXLEN" && strategy !== "MINID") return { next: start };
  let next = start + 1;
  const sign = words[next]?.toString();
  if (sign === "=" || sign === "~") next += 1;
  const threshold = words[next++];
  if (!threshold) throw new RedisSyntaxError();
  let limit = Infinity;
  if (words[next]?.toString().toUpperCase() === "LIMIT") {
    if (sign !== "~") throw new StreamLimitRequiresApproxError();
    limit = readCount(words[next + 1]) || Infinity;
    next += 2;
  }
  const policy = readPolicy(words[next]?.toString());
  if (policy) next += 1;
  const isOver = strategy === "MAXLEN" ? longerThan(threshold) : olderThan(threshold);
  return { trim: { isOver, limit, policy: policy ?? "KEEPREF" }, next };
}

function longerThan(threshold: Buffer): Trim["isOver"] {
  const length = readCount(threshold);
  return (stream) => stream.entries.length > length;
}

function olderThan(threshold: Buffer): Trim["isOver"] {
  const id = readStreamId(threshold);
  return ({ entries }) => entries[0] !== undefined && compareIds(entries[0].id, id) < 0;
}

/** Always exact: `~` allows a server to leave more, it does not ask for it. */
function applyTrim(key: Buffer, { isOver, limit, policy }: Trim, ctx: RedisExecutionContext) {
  return ctx.db.updateStream(key, (tracked) =>
    tracked.trim((stream) => {
      let removed = 0;
      while (removed < limit && isOver(stream)) {
        const oldest = stream.entries[0];
        if (!oldest || removeEntry(stream, oldest.id, policy) !== "deleted") break;
        removed += 1;
      }
      return removed;
    }));
}

function readCount(word: Buffer | undefined): number {
  const text = word?.toString() ?? "";
  if (text.startsWith("-")) throw new RedisCommandError("The MAXLEN argument must be >= 0.");
  if (!/^\d+$/.test(text)) throw new ExpectedIntegerError();
  return Number(text);
}
