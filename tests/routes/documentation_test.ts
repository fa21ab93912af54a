import assert from "node:assert/strict";
import { catalogue } from "../../lib/errors.ts";
import { withApp } from "../support/app.ts";

Deno.test("every problem document's type leads to a place on a page that says what to do", async () => {
  await withApp(async (app) => {
    const response = await app.request("/docs/problems");
    assert.equal(response.status, 200);
    const page = await response.text();
    for (const [code, { title }] of Object.entries(catalogue)) {
      const article = page.split(`id="${code}"`)[1]?.split("</article>")[0] ?? "";
      assert.ok(article.includes("What to do:"), code);
      assert.ok(article.replaceAll("&#39;", "'").includes(title), code);
    }
    const { type } = await (await app.request("/nothing")).json();
    assert.ok(page.includes(`id="${type.split("#")[1]}"`) && type.startsWith("/docs/problems#"));
  });
});

Deno.test("the reference page shows every operation with a command that asks it, and loads nothing from elsewhere", async () => {
  await withApp(async (app) => {
    const document = await (await app.request("/openapi.json")).json();
    const response = await app.request("/docs");
    const page = await response.text();
    for (const methods of Object.values<Record<string, { operationId: string }>>(document.paths)) {
      for (const { operationId } of Object.values(methods)) {
        const card = page.split(`<details id="${operationId}"`)[1]?.split("</details>")[0] ?? "";
        assert.match(card, /curl/, operationId);
      }
    }
    for (const name of Object.keys(document.components.schemas)) {
      assert.ok(page.includes(`id="schema-${name}"`), name);
    }
    assert.doesNotMatch(page, /(src|href)="(https?:)?\/\/(?!www\.rfc-editor\.org)/);
    const policy = response.headers.get("content-security-policy") ?? "";
    const script = page.split("<script>")[1]?.split("</script>")[0] ?? "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script));
    assert.ok(policy.includes(`'sha256-${new Uint8Array(digest).toBase64()}'`), policy);
  });
});
