import assert from "node:assert/strict";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { type TestApp, withApp } from "../support/app.ts";
import { pollUntil } from "../support/poll.ts";

const person = {
  email: "ada@example.com",
  password: "correct horse battery staple",
  name: "Ada Lovelace",
};
const post = (app: TestApp, path: string, json: unknown, token?: string) =>
  app.request(path, { method: "POST", json, token });

async function code(response: Response): Promise<string> {
  return `${response.status} ${(await response.json()).code}`;
}

Deno.test("a person registers, signs in, looks at themselves, refreshes and signs out", async () => {
  await withApp(async (app) => {
    const registered = await post(app, "/v1/auth/register", {
      ...person,
      timeZone: "Europe/London",
    });
    assert.equal(registered.status, 201);
    const { user } = await registered.json();
    assert.equal(user.timeZone, "Europe/London");
    const { email, password } = person;
    const login = await post(app, "/v1/auth/login", { email, password, device: { os: "iOS 20" } });
    assert.equal(login.status, 200);
    assert.equal(login.headers.get("cache-control"), "no-store");
    const tokens = await login.json();
    assert.deepEqual(Object.keys(tokens).sort(), [
      "accessToken",
      "expiresIn",
      "refreshToken",
      "tokenType",
      "user",
    ]);
    const me = await app.request("/v1/me", { token: tokens.accessToken });
    assert.deepEqual(await me.json(), user);
    const { refreshToken } = tokens;
    const refreshed = await (await post(app, "/v1/auth/refresh", { refreshToken })).json();
    const logout = await app.request("/v1/auth/logout", {
      method: "POST",
      token: refreshed.accessToken,
    });
    assert.equal(logout.status, 204);
    for (const token of [tokens.accessToken, refreshed.accessToken]) {
      assert.equal(await code(await app.request("/v1/me", { token })), "401 invalid_token");
    }
    const spent = await post(app, "/v1/auth/refresh", { refreshToken: refreshed.refreshToken });
    assert.equal(await code(spent), "401 invalid_refresh_token");
  });
});

Deno.test("POST /v1/auth/logout-all ends every session of the caller, in other processes within a second", async () => {
  await withApp(async (app) => {
    const { token, email } = await app.signUp();
    const other = app.another();
    const asks = () =>
      other.fetch(
        new Request(`${app.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } }),
      );
    assert.equal((await asks()).status, 200, email);
    const ended = await app.request("/v1/auth/logout-all", { method: "POST", token });
    assert.equal(ended.status, 204);
    await pollUntil("the refusal", async () => (await asks()).status === 401, 1_000);
  });
});

Deno.test("an access token says what the specification lists, and is signed by a published key", async () => {
  await withApp(async (app) => {
    const { token, userId } = await app.signUp();
    const claims = decodeJwt(token);
    assert.deepEqual(Object.keys(claims).sort(), [
      "amr",
      "aud",
      "exp",
      "iat",
      "iss",
      "jti",
      "perms",
      "role",
      "sid",
      "sub",
    ]);
    assert.equal(claims.iss, app.url);
    assert.equal(claims.sub, userId);
    assert.equal((claims.exp ?? 0) - (claims.iat ?? 0), 900);
    const { alg, typ, kid } = decodeProtectedHeader(token);
    assert.deepEqual({ alg, typ }, { alg: "RS256", typ: "at+jwt" });
    const response = await app.request("/.well-known/jwks.json");
    assert.match(response.headers.get("cache-control") ?? "", /public, max-age=\d+/);
    const { keys } = await response.json();
    assert.ok(keys.some((key: { kid: string }) => key.kid === kid));
    for (const key of keys) assert.ok(!("d" in key) && !("p" in key) && !("q" in key));
  });
});

Deno.test("a wrong password and an unknown address are answered alike, to the last header", async () => {
  await withApp(async (app) => {
    const { email } = await app.signUp();
    const [wrong, unknown] = [
      await post(app, "/v1/auth/login", { email, password: "not the password" }),
      await post(app, "/v1/auth/login", {
        email: "nobody@example.com",
        password: "not the password",
      }),
    ];
    const shape = async (response: Response) => {
      const { instance: _, ...problem } = await response.json();
      // Both hold the request's own id, in the body as well.
      const own = ["date", "x-request-id", "content-length"];
      const headers = [...response.headers].filter(([name]) => !own.includes(name));
      return { status: response.status, problem, headers };
    };
    const [left, right] = [await shape(wrong), await shape(unknown)];
    assert.deepEqual(left, right);
    assert.equal(left.status, 401);
    assert.equal(left.problem.code, "invalid_credentials");
  });
});

const refused: [what: string, path: string, body: unknown, answer: string][] = [
  ["a role of one's own choice", "register", { ...person, role: "admin" }, "422 invalid_request"],
  ["permissions", "register", { ...person, permissions: ["people:write"] }, "422 invalid_request"],
  ["no e-mail address", "register", { ...person, email: "ada" }, "422 invalid_request"],
  ["a name of two lines", "register", { ...person, name: "Ada\r\nBcc: x" }, "422 invalid_request"],
  [
    "an unknown time zone",
    "register",
    { ...person, timeZone: "Mars/Olympus" },
    "422 invalid_request",
  ],
  ["a common password", "register", { ...person, password: "Password1" }, "422 weak_password"],
  [
    "a password of 129 characters",
    "register",
    { ...person, password: "zx9-".repeat(33) },
    "422 invalid_request",
  ],
  ["no password", "login", { email: person.email }, "422 invalid_request"],
  [
    "a list for a password",
    "login",
    { email: person.email, password: ["x"] },
    "422 invalid_request",
  ],
  ["an unknown field of the device", "login", {
    email: person.email,
    password: "x",
    device: { root: true },
  }, "422 invalid_request"],
  ["no refresh token", "refresh", {}, "422 invalid_request"],
  [
    "an access token for a refresh token",
    "refresh",
    { refreshToken: "a.b.c" },
    "401 invalid_refresh_token",
  ],
];

Deno.test("sign-in refuses what does not fit, and names the field", async () => {
  await withApp(async (app) => {
    for (const [what, path, body, answer] of refused) {
      const response = await post(app, `/v1/auth/${path}`, body);
      const { status, code, errors } = await response.json();
      assert.equal(`${status} ${code}`, answer, what);
      if (status === 422) assert.ok(errors[0].path.length > 0, what);
    }
  });
});

Deno.test("who is not signed in neither sees nor ends anything", async () => {
  await withApp(async (app) => {
    for (
      const [method, path] of [["GET", "/v1/me"], ["POST", "/v1/auth/logout"], [
        "POST",
        "/v1/auth/logout-all",
      ]]
    ) {
      assert.equal(await code(await app.request(path!, { method })), "401 not_signed_in");
    }
  });
});

Deno.test("an address that is taken is answered 409 by the catalogue's word", async () => {
  await withApp(async (app) => {
    assert.equal((await post(app, "/v1/auth/register", person)).status, 201);
    const again = await post(app, "/v1/auth/register", { ...person, email: "ADA@example.com" });
    assert.equal(await code(again), "409 email_taken");
  });
});
