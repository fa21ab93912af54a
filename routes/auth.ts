import {
  getMe,
  KeySet,
  logIn,
  LogInInput,
  logOut,
  logOutEverywhere,
  RefreshInput,
  refreshTokens,
  Registered,
  RegisterInput,
  registerPerson,
  Tokens,
  User,
} from "../services/auth/mod.ts";
import { refuseApiKey } from "../services/authorise.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { body } from "./http/validate.ts";

const bodyMaxBytes = 16_384;

export const authDocs: RouteDocs = {
  "POST /v1/auth/register": {
    summary: "Register a person",
    about: "The new person is a client. Signing in is a call of its own.",
    access: "public",
    limit: "sign_in",
    answers: { 201: Registered },
    problems: ["email_taken", "weak_password", "sign_in_busy"],
    example: {
      email: "ada@example.com",
      password: "correct horse battery staple",
      name: "Ada Lovelace",
      timeZone: "America/New_York",
    },
  },
  "POST /v1/auth/login": {
    summary: "Sign in with a password",
    about:
      "A wrong password, an unknown address and a locked account get the same answer after the same time.",
    access: "public",
    limit: "sign_in",
    answers: { 200: Tokens },
    problems: ["invalid_credentials", "sign_in_busy"],
    example: { email: "ada@example.com", password: "correct horse battery staple" },
  },
  "POST /v1/auth/refresh": {
    summary: "Exchange a refresh token for new tokens",
    about:
      "Each refresh spends the token. Where the answer got lost, the same token gets the same new one again as long as that " +
      "is unused. A token that was superseded twice ends the whole session.",
    access: "public",
    limit: "refresh",
    answers: { 200: Tokens },
    problems: ["invalid_refresh_token"],
  },
  "POST /v1/auth/logout": {
    summary: "End this session",
    access: "person",
    answers: { 204: null },
  },
  "POST /v1/auth/logout-all": {
    summary: "End every session of yours",
    access: "person",
    answers: { 204: null },
  },
  "GET /v1/me": {
    summary: "Who you are and what you may do",
    access: "person",
    answers: { 200: User },
  },
  "GET /.well-known/jwks.json": {
    summary: "The public keys of access tokens",
    about: "RFC 7517: the next key, the one that signs, and the one before it.",
    access: "public",
    answers: { 200: KeySet },
  },
};

export const authRoutes = api()
  // Beginning and ending sessions is for people, in every route that is or will be below.
  .use("/v1/auth/*", async (c, next) => {
    refuseApiKey(ctxOf(c));
    await next();
  })
  .post("/v1/auth/register", body(RegisterInput, bodyMaxBytes), async (c) => {
    const user = await registerPerson(ctxOf(c), c.req.valid("json"));
    return c.json({ user }, 201, { location: "/v1/me" });
  })
  .post("/v1/auth/login", body(LogInInput, bodyMaxBytes), async (c) => {
    return c.json(await logIn(ctxOf(c), c.req.valid("json")), 200);
  })
  .post("/v1/auth/refresh", body(RefreshInput, bodyMaxBytes), async (c) => {
    return c.json(await refreshTokens(ctxOf(c), c.req.valid("json")), 200);
  })
  .post("/v1/auth/logout", async (c) => {
    await logOut(ctxOf(c));
    return c.body(null, 204);
  })
  .post("/v1/auth/logout-all", async (c) => {
    await logOutEverywhere(ctxOf(c));
    return c.body(null, 204);
  })
  .get("/v1/me", async (c) => c.json(await getMe(ctxOf(c)), 200))
  .get("/.well-known/jwks.json", async (c) => {
    // Shorter than the hour for which a key is published before it signs.
    return c.json(await ctxOf(c).keys.published(), 200, { "cache-control": "public, max-age=300" });
  });
