import { createHash } from "node:crypto";
import { decodeProtectedHeader, jwtVerify } from "jose";
import * as z from "zod";
import { fail, isFailure } from "../../lib/errors.ts";
import { minuteMs } from "../../lib/time.ts";
import type { Needs, Person } from "../ctx.ts";
import type { CheckedToken } from "./schema.ts";
import { accessTokenSeconds, algorithm, audience, tokenType } from "./tokens.ts";

const lengthMax = 8_192;
// JWS has one spelling for us: jose also takes spaces and padding, which make many texts of one token.
const canonical = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const keyId = /^[\w-]{1,64}$/;
const toleranceSeconds = 5;
const acceptedForMs = minuteMs;
const refusedForMs = minuteMs / 2;

type VerifyNeeds = Needs<"keys" | "memory" | "now" | "settings">;

const Claims = z.object({
  sub: z.uuid(),
  sid: z.uuid(),
  jti: z.string().min(1),
  exp: z.number(),
  role: z.string(),
  perms: z.array(z.string()),
});

/**
 * The person whom an access token stands for; `invalid_token` for everything else, without a word about why. At once
 * where the token has been seen within a minute: the check of the signature is then one digest. Keeps digests, not tokens.
 */
export function verifyAccessToken(ctx: VerifyNeeds, token: string): Person | Promise<Person> {
  if (token.length > lengthMax) return fail("invalid_token");
  const { tokens, revocations } = ctx.keys;
  const digest = createHash("sha256").update(token).digest("hex");
  const behind = revocations.catchUp();
  const known = tokens.get(digest, ctx.now());
  if (known === "refused") return fail("invalid_token");
  if (known === undefined || behind !== undefined) return verifySlowly(ctx, token, digest, behind);
  return admit(ctx, known);
}

async function verifySlowly(
  ctx: VerifyNeeds,
  token: string,
  digest: string,
  behind: Promise<void> | undefined,
): Promise<Person> {
  // Whoever brings the same unknown token meanwhile waits for the one check.
  const known = ctx.keys.tokens.get(digest, ctx.now()) ??
    await ctx.memory.once(`token:${digest}`, () => check(ctx, token, digest));
  await behind;
  return known === "refused" ? fail("invalid_token") : admit(ctx, known);
}

function admit(ctx: VerifyNeeds, { person, tokenId }: CheckedToken): Person {
  const { revocations } = ctx.keys;
  if (revocations.has(person.sessionId) || revocations.has(tokenId)) fail("invalid_token");
  return person;
}

async function check(ctx: VerifyNeeds, token: string, digest: string): Promise<CheckedToken> {
  const key = await ctx.keys.publicKey(keyIdOf(token)) ?? fail("invalid_token");
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      typ: tokenType,
      issuer: ctx.settings.publicUrl,
      audience,
      clockTolerance: toleranceSeconds,
      maxTokenAge: accessTokenSeconds,
      currentDate: new Date(ctx.now()),
    });
    const claims = Claims.parse(payload);
    const checked = { person: personOf(claims), tokenId: claims.jti };
    const untilMs = Math.min(claims.exp * 1_000, ctx.now() + acceptedForMs);
    ctx.keys.tokens.accept(digest, checked, untilMs);
    return checked;
  } catch (cause) {
    // A flood of one bad token costs one signature check, not one each.
    ctx.keys.tokens.refuse(digest, ctx.now() + refusedForMs);
    return fail("invalid_token", { cause });
  }
}

/** The header is the caller's word: all that is taken from it is which of our keys to check with. */
function keyIdOf(token: string): string {
  if (!canonical.test(token)) return fail("invalid_token");
  try {
    const { kid } = decodeProtectedHeader(token);
    return kid !== undefined && keyId.test(kid) ? kid : fail("invalid_token");
  } catch (cause) {
    return isFailure(cause) ? fail("invalid_token") : fail("invalid_token", { cause });
  }
}

function personOf({ sub, sid, role, perms, exp }: z.infer<typeof Claims>): Person {
  return {
    kind: "person",
    userId: sub,
    sessionId: sid,
    role,
    permissions: new Set(perms),
    expiresAtMs: exp * 1_000,
  };
}
