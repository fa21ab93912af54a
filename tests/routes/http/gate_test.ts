import assert from "node:assert/strict";
import { type TestApp, withApp } from "../../support/app.ts";
import { endpointsOf } from "../../support/endpoints.ts";
import { allPermissions, signToken } from "../../support/tokens.ts";

const id = "0190b0f0-0000-7000-8000-000000000001";

Deno.test("a query that means nothing to an address is refused there, and named", async () => {
  await withApp(async (app) => {
    const { userId } = await app.signUp();
    const token = await signToken(app, userId, allPermissions);
    const silent = endpointsOf(app).filter(({ route, checks, doc }) =>
      route.includes(" /v1/") && doc?.query === undefined &&
      checks.every(({ target }) => target !== "query")
    );
    assert.ok(silent.length > 20);
    for (const { route, method, path } of silent) {
      const asked = `${path.replace(/:\w+/g, id)}?colour=red&colour=blue&size=1`;
      const response = await app.request(asked, { method, token });
      const { code, errors } = await response.json();
      assert.equal(`${response.status} ${code}`, "422 invalid_request", route);
      const message = "is not known here";
      assert.deepEqual(errors, [{ path: "colour", message }, { path: "size", message }], route);
    }
    const empty = await app.request("/v1/me?", { token });
    assert.equal(empty.status, 200, "an empty query says nothing");
    await empty.body?.cancel();
  });
});

Deno.test("a method that an address does not answer is 405, with those that it does", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    const cases: [method: string, path: string, allow: string][] = [
      ["POST", "/v1/preferences", "GET, PUT, PATCH"],
      ["PUT", `/v1/plans/${id}`, "GET, PATCH, DELETE"],
      ["DELETE", "/v1/quotes/AAPL", "GET"],
      ["GET", "/v1/auth/logout", "POST"],
      ["PROPFIND", "/v1/me", "GET"],
    ];
    for (const [method, path, allow] of cases) {
      const response = await app.request(path, { method, token });
      const { code } = await response.json();
      assert.equal(`${response.status} ${code}`, "405 method_not_allowed", `${method} ${path}`);
      assert.equal(response.headers.get("allow"), allow);
    }
    const nowhere = await app.request("/v1/nothing", { method: "POST", token });
    assert.equal(nowhere.status, 404);
    await nowhere.body?.cancel();
  });
});

Deno.test("HEAD answers what GET does, without its body", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    for (const path of ["/healthz", "/v1/preferences", "/v1/me"]) {
      const response = await app.request(path, { method: "HEAD", token });
      assert.deepEqual([response.status, await response.text()], [200, ""], path);
    }
  });
});

Deno.test("before the rest is loaded the hot reads answer, and whatever else is asked for loads it", async () => {
  await withApp(async (app) => {
    const { token } = await app.signUp();
    const asked = (fresh: ReturnType<TestApp["another"]>, path: string) =>
      fresh.fetch(
        new Request(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } }),
      );
    for (const path of ["/healthz", "/v1/quotes/AAPL", "/v1/preferences", "/v1/me", "/v1/plans"]) {
      const response = await asked(app.another(), path);
      assert.equal(response.status, 200, path);
      await response.body?.cancel();
    }
    const together = app.another();
    const paths = ["/v1/quotes/AAPL", "/v1/me", "/v1/alerts", "/v1/preferences", "/v1/nothing"];
    const answers = await Promise.all(paths.map((path) => asked(together, path)));
    assert.deepEqual(answers.map(({ status }) => status), [200, 200, 200, 200, 404]);
    await Promise.all(answers.map((answer) => answer.body?.cancel()));
  });
});
