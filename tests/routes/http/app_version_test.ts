import assert from "node:assert/strict";
import { appVersionCheck } from "../../../routes/http/app_version.ts";
import { withApp } from "../../support/app.ts";

Deno.test("where no least version is set, nothing is looked at", () => {
  assert.equal(appVersionCheck([]), undefined);
});

const cases: [userAgent: string, minimum: string | undefined][] = [
  ["almanac-ios/1.3", "1.4"],
  ["almanac-ios/1.3.9 CFNetwork/1568.1 Darwin/24.0.0", "1.4"],
  ["Mozilla/5.0 almanac-ios/0.9", "1.4"],
  ["Almanac-iOS/1.3", "1.4"],
  ["almanac-ios/1.3-beta.7", "1.4"],
  ["almanac-android/1", "2.0.1"],
  ["almanac-android/2.0", "2.0.1"],
  ["almanac-ios/1.4", undefined],
  ["almanac-ios/1.4.0", undefined],
  ["almanac-ios/1.10", undefined],
  ["almanac-ios/2", undefined],
  ["almanac-android/2.0.1", undefined],
  ["almanac-web/0.1", undefined],
  ["almanac-ios", undefined],
  ["almanac-ios/", undefined],
  ["almanac-ios/next", undefined],
  ["not-almanac-ios/1.0", undefined],
  ["almanac-constructor/0.1", undefined],
  ["curl/8.5.0", undefined],
  ["", undefined],
];

Deno.test("an app is too old by its version's numbers, part by part, and nobody else is", () => {
  const check = appVersionCheck(["ios:1.4", "android:2.0.1"]);
  assert.ok(check);
  for (const [userAgent, minimum] of cases) {
    assert.equal(check(userAgent), minimum, userAgent);
  }
});

Deno.test("a user agent that is as long as a header may be is read in no time", () => {
  const check = appVersionCheck(["ios:1.4"]);
  assert.ok(check);
  const startedMs = performance.now();
  for (const part of ["almanac-", "almanac-ios/1.", "almanac-ios/111111111", " almanac-a/1"]) {
    check(part.repeat(16_384 / part.length));
  }
  assert.ok(performance.now() - startedMs < 200, `${performance.now() - startedMs} ms`);
});

Deno.test("an app that is too old gets 426 and where to go, on all of /v1, before anything else is looked at", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    const ask = (path: string, userAgent: string, init: RequestInit = {}) =>
      app.request(path, { ...init, token, headers: { "user-agent": userAgent } });
    for (const path of ["/v1/me", "/v1/quotes/AAPL", "/v1/nowhere"]) {
      const response = await ask(path, "almanac-ios/1.3");
      assert.equal(response.status, 426, path);
      assert.equal(response.headers.get("upgrade"), "almanac/1.4");
      const { code, detail } = await response.json();
      assert.deepEqual(
        { code, detail },
        { code: "app_too_old", detail: "Update the app to version 1.4 or newer." },
      );
    }
    const signIn = await ask("/v1/auth/login", "almanac-ios/1.3", { method: "POST", body: "{" });
    assert.equal(signIn.status, 426);
    await signIn.body?.cancel();
    for (const [path, userAgent] of served) {
      const response = await ask(path, userAgent);
      assert.equal(response.status, 200, `${path} ${userAgent}`);
      await response.body?.cancel();
    }
  }, { env: { APP_VERSIONS_MIN: "ios:1.4" } });
});

const served = [
  ["/v1/me", "almanac-ios/1.4"],
  ["/v1/me", "almanac-android/0.1"],
  ["/healthz", "almanac-ios/1.3"],
  ["/readyz", "almanac-ios/1.3"],
  ["/docs", "almanac-ios/1.3"],
] as const;
