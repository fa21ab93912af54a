import assert from "node:assert/strict";
import { base64url, exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from "jose";
import { isFailure } from "../../../lib/errors.ts";
import { minuteMs } from "../../../lib/time.ts";
import { logIn, verifyAccessToken } from "../../../services/auth/mod.ts";
import { type AuthCtx, password, register, withAuth } from "./auth_world.ts";

interface Forgery {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  key?: CryptoKey | Uint8Array;
}

/** A token that differs from a good one in what is given; signed by our own key unless another is given. */
async function forge(ctx: AuthCtx, { header = {}, claims = {}, key }: Forgery = {}) {
  const { id, privateKey } = await ctx.keys.current();
  const now = Math.floor(ctx.now() / 1_000);
  return await new SignJWT({
    iss: ctx.settings.publicUrl,
    aud: "almanac",
    sub: ctx.newId(),
    sid: ctx.newId(),
    jti: ctx.newId(),
    iat: now,
    exp: now + 900,
    role: "client",
    perms: ["quotes:read"],
    amr: ["pwd"],
    ...claims,
  }).setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: id, ...header }).sign(
    key ?? privateKey,
  );
}

async function isAccepted(ctx: AuthCtx, token: string): Promise<boolean> {
  try {
    await verifyAccessToken(ctx, token);
    return true;
  } catch (error) {
    assert.ok(isFailure(error, "invalid_token"), String(error));
    return false;
  }
}

/** The same token with other JSON in its header, and no care for the signature. */
function withHeader(token: string, header: unknown): string {
  return [base64url.encode(JSON.stringify(header)), ...token.split(".").slice(1)].join(".");
}

async function signIn(ctx: AuthCtx) {
  const { email } = await register(ctx);
  return (await logIn(ctx, { email, password })).accessToken;
}

Deno.test("verifyAccessToken() accepts what a forger would have to make, so that the refusals below mean something", async () => {
  await withAuth(async ({ ctx }) => {
    assert.equal(await isAccepted(ctx, await forge(ctx)), true);
  });
});

Deno.test("verifyAccessToken() refuses every forged, foreign, early and late token, twice in a row", async () => {
  await withAuth(async ({ ctx }) => {
    const now = Math.floor(ctx.now() / 1_000);
    const { id } = await ctx.keys.current();
    const good = await forge(ctx);
    const [head, body] = good.split(".");
    const { keys: [publicJwk] } = await ctx.keys.published();
    const ours = await ctx.keys.publicKey(id) as CryptoKey;
    const foreign = await generateKeyPair("RS256", { extractable: true });
    const spki = new TextEncoder().encode(
      await exportSPKI(
        await importJWK({ ...publicJwk, alg: "RS256" }, "RS256", {
          extractable: true,
        }) as CryptoKey,
      ),
    );
    const jwk = await exportJWK(foreign.publicKey);
    const bad: Record<string, string> = {
      "no algorithm": `${base64url.encode('{"alg":"none","typ":"at+jwt"}')}.${body}.`,
      "no algorithm, with a signature": withHeader(good, { alg: "none", typ: "at+jwt", kid: id }),
      "no algorithm, in capitals": withHeader(good, { alg: "NONE", typ: "at+jwt", kid: id }),
      "HS256 signed with the public key": await forge(ctx, { header: { alg: "HS256" }, key: spki }),
      "RS512": withHeader(good, { alg: "RS512", typ: "at+jwt", kid: id }),
      "another key under our id": await forge(ctx, { key: foreign.privateKey }),
      "an id that nobody knows": await forge(ctx, { header: { kid: "x".repeat(43) } }),
      "an id that is a path": await forge(ctx, { header: { kid: "../../dev/null" } }),
      "an id that is SQL": await forge(ctx, { header: { kid: "' or state='current" } }),
      "no id": withHeader(good, { alg: "RS256", typ: "at+jwt" }),
      "its own key": await forge(ctx, { header: { jwk }, key: foreign.privateKey }),
      "a key elsewhere": await forge(ctx, {
        header: { jku: "http://127.0.0.1:9/jwks.json" },
        key: foreign.privateKey,
      }),
      "an extension that must be understood": await forge(ctx, {
        header: { crit: ["https://example.com/x"], "https://example.com/x": 1 },
      }).catch(() => withHeader(good, { alg: "RS256", typ: "at+jwt", kid: id, crit: ["x"], x: 1 })),
      "another kind of token": await forge(ctx, { header: { typ: "JWT" } }),
      "another issuer": await forge(ctx, { claims: { iss: "https://evil.example.com" } }),
      "another audience": await forge(ctx, { claims: { aud: "somebody-else" } }),
      "expired": await forge(ctx, { claims: { iat: now - 901, exp: now - 10 } }),
      "without an end": await forge(ctx, { claims: { exp: undefined } }),
      "good for a year": await forge(ctx, { claims: { iat: now - 3_600, exp: now + 31_536_000 } }),
      "not good yet": await forge(ctx, { claims: { nbf: now + 60 } }),
      "made in the future": await forge(ctx, { claims: { iat: now + 60 } }),
      "without a person": await forge(ctx, { claims: { sub: "admin" } }),
      "without a session": await forge(ctx, { claims: { sid: undefined } }),
      "with permissions that are a word": await forge(ctx, { claims: { perms: "admin" } }),
      "a changed body": `${head}.${base64url.encode('{"sub":"x"}')}.${good.split(".")[2]}`,
      "a signature cut short": good.slice(0, -4),
      "without a signature": `${head}.${body}.`,
      "two parts": `${head}.${body}`,
      "a space before it": ` ${good}`,
      "a space within": `${good.slice(0, -9)} ${good.slice(-9)}`,
      "a line break behind it": `${good}\n`,
      "padding": `${good}==`,
      "nothing": "",
      "no token at all": "Basic YWRtaW46YWRtaW4=",
    };
    assert.equal(ours.type, "public");
    for (const [what, token] of Object.entries(bad)) {
      assert.equal(await isAccepted(ctx, token), false, what);
      assert.equal(await isAccepted(ctx, token), false, `${what}, again`);
    }
    assert.equal(await isAccepted(ctx, good), true);
  });
});

Deno.test("verifyAccessToken() refuses a token of more than 8 KiB before it computes anything", async () => {
  await withAuth(async ({ ctx }) => {
    const long = await forge(ctx, { claims: { perms: Array(700).fill("quotes:read") } });
    assert.ok(long.length > 8_192);
    const none = new Proxy(ctx, {
      get: (_, name) => assert.fail(`${String(name)} was needed`),
    });
    assert.throws(
      () => verifyAccessToken(none, long),
      (error) => isFailure(error, "invalid_token"),
    );
    const fits = await forge(ctx, { claims: { perms: Array(300).fill("quotes:read") } });
    assert.equal(await isAccepted(ctx, fits), true);
  });
});

Deno.test("verifyAccessToken() answers at once for a token that it knows, and stops at its end", async () => {
  await withAuth(async ({ ctx, advance }) => {
    const token = await signIn(ctx);
    const person = await verifyAccessToken(ctx, token);
    assert.equal(verifyAccessToken(ctx, token), person);
    advance(14 * minuteMs);
    assert.equal((await verifyAccessToken(ctx, token)).userId, person.userId);
    advance(minuteMs + 6_000);
    assert.equal(await isAccepted(ctx, token), false);
  });
});

Deno.test("verifyAccessToken() checks one signature however often a bad token comes", async () => {
  await withAuth(async ({ ctx }) => {
    const { privateKey } = await generateKeyPair("RS256");
    const bad = await forge(ctx, { key: privateKey });
    let checks = 0;
    const counting: AuthCtx = {
      ...ctx,
      keys: { ...ctx.keys, publicKey: (id) => (checks++, ctx.keys.publicKey(id)) },
    };
    const flood = Array.from({ length: 50 }, () => isAccepted(counting, bad));
    assert.ok((await Promise.all(flood)).every((accepted) => !accepted));
    for (let n = 0; n < 50; n++) assert.equal(await isAccepted(counting, bad), false);
    assert.equal(checks, 1);
  });
});

Deno.test("verifyAccessToken() asks nobody but Redis in a process that has never signed anybody in", async () => {
  await withAuth(async ({ ctx, isolate }) => {
    const token = await signIn(ctx);
    await verifyAccessToken(ctx, token);
    const other = isolate();
    const { database } = other;
    database.transaction = () => assert.fail("Postgres was asked");
    assert.equal(await isAccepted(other, token), true);
  });
});
