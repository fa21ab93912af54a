import { timingSafeEqual } from "node:crypto";
import { fail } from "../../lib/errors.ts";
import type { RandomBytes } from "../../lib/random.ts";
import { argon2id } from "./argon2.ts";
import { type Argon2Cost, formatPhc, isOutdated, parsePhc } from "./model/phc.ts";
import { createQueue } from "./queue.ts";
import type { PasswordHasher } from "./schema.ts";

const saltBytes = 16;
const hashBytes = 32;
// Each takes 64 MiB and a core for a fifth of a second; more at once are not quicker, only larger.
const atOnceMax = 2;
const waitingMax = 32;

/** Hashes and checks passwords, two at a time with a bounded queue behind them. */
export function createPasswordHasher(random: RandomBytes, cost: Argon2Cost): PasswordHasher {
  const inTurn = createQueue(atOnceMax, waitingMax);
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = random(saltBytes);
        const hash = await argon2id({ ...cost, password, salt, sizeBytes: hashBytes });
        return formatPhc({ ...cost, salt, hash });
      }),
    matches: (password, phc) =>
      inTurn(async () => {
        const { hash, ...rest } = parsePhc(phc) ?? fail("internal", { cause: "not a PHC string" });
        const found = await argon2id({ ...rest, password, sizeBytes: hash.length });
        return timingSafeEqual(found, hash);
      }),
    isOutdated: (phc) => isOutdated(phc, cost),
    decoy: formatPhc({
      ...cost,
      salt: new Uint8Array(saltBytes),
      hash: new Uint8Array(hashBytes),
    }),
  };
}
