import { fail } from "../../lib/errors.ts";
import type { Needs, Person } from "../ctx.ts";
import type { CheckedToken } from "./schema.ts";

const lengthMax = 8_192;
/** How a bearer token begins that is an API key and not a JWT. */
const apiKeyStart = "almanac_";

export type VerifyNeeds = Needs<"database" | "keys" | "log" | "memory" | "now" | "settings">;

/**
 * The person whom an access token or an API key stands for; `invalid_token` for everything else, without a word about why. At once
 * where the token has been seen within a minute: its signature is then not checked again, while whether it has been
 * revoked always is. Tokens are remembered by their text: a digest takes three times as long (`bench/layers.ts`) and
 * loads Node's crypto, in a process that holds the keys which make them anyway.
 */
export function verifyAccessToken(ctx: VerifyNeeds, token: string): Person | Promise<Person> {
  if (token.length > lengthMax) return fail("invalid_token");
  const { tokens, revocations } = ctx.keys;
  const behind = revocations.catchUp();
  const known = tokens.get(token, ctx.now());
  if (known === "refused") return fail("invalid_token");
  if (known === undefined || behind !== undefined) return verifySlowly(ctx, token, behind);
  return admit(ctx, known);
}

async function verifySlowly(
  ctx: VerifyNeeds,
  token: string,
  behind: Promise<void> | undefined,
): Promise<Person> {
  // Whoever brings the same unknown token meanwhile waits for the one check.
  const known = ctx.keys.tokens.get(token, ctx.now()) ??
    await ctx.memory.once(`token:${token}`, () => check(ctx, token));
  await behind;
  return known === "refused" ? fail("invalid_token") : admit(ctx, known);
}

/** What checks a signature, or asks the database for a key, is loaded with the first that has not been seen. */
async function check(ctx: VerifyNeeds, token: string): Promise<CheckedToken> {
  if (token.startsWith(apiKeyStart)) {
    const { verifyApiKey } = await import("./verify_api_key.ts");
    return await verifyApiKey(ctx, token);
  }
  const { checkAccessToken } = await import("./check_access_token.ts");
  return await checkAccessToken(ctx, token);
}

function admit(ctx: VerifyNeeds, { person, tokenId }: CheckedToken): Person {
  const { revocations } = ctx.keys;
  if (revocations.has(person.sessionId) || revocations.has(tokenId)) fail("invalid_token");
  return person;
}
