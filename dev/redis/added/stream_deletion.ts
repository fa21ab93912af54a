import type { Buffer } from "node:buffer";
import { RedisCommandError, RedisSyntaxError } from "js-redis-server/core";
import { rawCommand } from "./raw_command.ts";
import { integers } from "./replies.ts";
import {
  forget,
  type Outcome,
  readPolicy,
  type ReferencePolicy,
  removeEntry,
} from "./stream_entries.ts";
import { readStreamId, type StreamId } from "./stream_ids.ts";

const codes: Record<Outcome, number> = { deleted: 1, missing: -1, referenced: 2 };

const xdelex = rawCommand({
  name: "xdelex",
  min: 4,
  write: true,
  run: ([key, ...rest], ctx) => {
    const { policy, ids } = readDeletion(rest);
    if (!key || !ctx.db.getStream(key)) return integers(ids.map(() => codes.missing));
    const outcomes = ctx.db.updateStream(key, (stream) =>
      ids.map((id) => {
        let outcome: Outcome = "missing";
        stream.trim((value) => {
          outcome = removeEntry(value, id, policy);
          return outcome === "deleted" ? 1 : 0;
        });
        return outcome;
      }));
    return integers(outcomes.map((outcome) => codes[outcome]));
  },
});

const xackdel = rawCommand({
  name: "xackdel",
  min: 5,
  write: true,
  run: ([key, group, ...rest], ctx) => {
    const { policy, ids } = readDeletion(rest);
    const groupId = group?.toString("hex") ?? "";
    const known = key && ctx.db.getStream(key)?.groups.has(groupId);
    if (!known) return integers(ids.map(() => codes.missing));
    const outcomes = ctx.db.updateStream(key, (stream) =>
      ids.map((id) => {
        const { pending } = stream.value.groups.get(groupId) ?? { pending: new Map() };
        if (!forget(pending, id)) return "missing";
        let outcome: Outcome = "missing";
        stream.trim((value) => {
          outcome = removeEntry(value, id, policy);
          return outcome === "deleted" ? 1 : 0;
        });
        // Acknowledged it was in any case, even if the entry itself had gone before.
        return outcome === "missing" ? "deleted" : outcome;
      }));
    return integers(outcomes.map((outcome) => codes[outcome]));
  },
});

/** XDELEX and XACKDEL, which say what becomes of consumer groups that still hold an entry. */
export const streamDeletionCommands = [xdelex, xackdel];

/** Reads `[KEEPREF | DELREF | ACKED] IDS count id…`. @throws RedisCommandError */
function readDeletion(words: Buffer[]): { policy: ReferencePolicy; ids: StreamId[] } {
  const policy = readPolicy(words[0]?.toString());
  const [keyword, count, ...ids] = policy ? words.slice(1) : words;
  if (keyword?.toString().toUpperCase() !== "IDS") throw new RedisSyntaxError();
  if (!/^[1-9]\d*$/.test(count?.toString() ?? "")) {
    throw new RedisCommandError("Number of IDs must be a positive integer");
  }
  if (Number(count) !== ids.length) {
    throw new RedisCommandError("The `numids` parameter must match the number of arguments");
  }
  return { policy: policy ?? "KEEPREF", ids: ids.map(readStreamId) };
}
