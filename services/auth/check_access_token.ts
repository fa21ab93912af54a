import { decodeProtectedHeader, jwtVerify } from "jose";
import * as z from "zod";
import { fail, isFailure } from "../../lib/errors.ts";
import type { Person } from "../ctx.ts";
import type { CheckedToken } from "./schema.ts";
import { accessTokenSeconds, algorithm, audience, tokenType } from "./tokens.ts";
import { acceptedForMs, refusedForMs } from "./verify_api_key.ts";
import type { VerifyNeeds } from "./verify_access_token.ts";

// JWS has one spelling for us: jose also takes spaces and padding, which make many texts of one token.
const canonical = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const keyId = /^[\w-]{1,64}$/;
const toleranceSeconds = 5;

const Claims = z.object({
  sub: z.uuid(),
  sid: z.uuid(),
  jti: z.string().min(1),
  exp: z.number(),
  role: z.string(),
  perms: z.array(z.string()),
});

/** Checks the signature and every claim of a token, and remembers what came of it. */
export async function checkAccessToken(ctx: VerifyNeeds, token: string): Promise<CheckedToken> {
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
    ctx.keys.tokens.accept(token, checked, untilMs);
    return checked;
  } catch (cause) {
    // A flood of one bad token costs one signature check, not one each.
    ctx.keys.tokens.refuse(token, ctx.now() + refusedForMs);
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
