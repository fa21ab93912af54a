import assert from "node:assert/strict";
import { type SignedUp, type TestApp, withApp } from "../support/app.ts";
import { withRole } from "../support/staff.ts";

interface Item {
  id: string;
  title: string;
  body: string;
  readAt: string | null;
  archivedAt: string | null;
}

async function inbox(app: TestApp, { token }: SignedUp, query = ""): Promise<Item[]> {
  const response = await app.request(`/v1/inbox${query}`, { token });
  assert.equal(response.status, 200);
  return (await response.json()).items;
}

async function unread(app: TestApp, { token }: SignedUp): Promise<number> {
  return (await (await app.request("/v1/inbox/badge", { token })).json()).unread;
}

async function act(app: TestApp, { token }: SignedUp, what: string, json: unknown) {
  const response = await app.request(`/v1/inbox/${what}`, { method: "POST", token, json });
  return { status: response.status, body: await response.json() };
}

/** One person with three messages beside the welcome, and one with the welcome alone. */
async function withInbox(work: (app: TestApp, ada: SignedUp, bob: SignedUp) => Promise<void>) {
  await withApp(async (app) => {
    const [ada, bob, joan] = [
      await app.signUp("ada"),
      await app.signUp("bob"),
      await app.signUp("joan"),
    ];
    const staff = await withRole(app, joan, "admin");
    await app.settle();
    for (const planName of ["First", "Second", "Third"]) {
      const data = { planName, planId: "p", successPercent: 50 };
      const json = { to: ada.userId, type: "plan_ready", data, channels: ["in_app"] };
      const sent = await app.request("/v1/notifications", {
        method: "POST",
        token: staff.token,
        json,
      });
      assert.equal(sent.status, 202);
      await sent.body?.cancel();
    }
    await work(app, ada, bob);
  });
}

Deno.test("an inbox is in order of time, latest first, each item with its text, and holds one's own alone", async () => {
  await withInbox(async (app, ada, bob) => {
    const items = await inbox(app, ada);
    assert.deepEqual(items.map(({ title }) => title), [
      "Third is ready",
      "Second is ready",
      "First is ready",
      "Welcome, Alex Example",
    ]);
    assert.equal(items[0]?.body, "50 of 100 futures work out.");
    assert.equal((await inbox(app, bob)).length, 1);
    const page = await app.request("/v1/inbox?limit=3", { token: ada.token });
    const { nextCursor } = await page.json();
    const rest = await inbox(app, ada, `?limit=3&cursor=${nextCursor}`);
    assert.deepEqual(rest.map(({ title }) => title), ["Welcome, Alex Example"]);
  });
});

Deno.test("reading is counted by the badge, once however often it is said, and touches nobody else's", async () => {
  await withInbox(async (app, ada, bob) => {
    assert.equal(await unread(app, ada), 4);
    const [first, second] = await inbox(app, ada);
    const ids = [first?.id, second?.id];
    assert.deepEqual((await act(app, ada, "read", { ids })).body, { changed: 2 });
    assert.deepEqual((await act(app, ada, "read", { ids })).body, { changed: 0 });
    assert.equal(await unread(app, ada), 2);
    assert.deepEqual((await inbox(app, ada, "?filter=unread")).map(({ title }) => title), [
      "First is ready",
      "Welcome, Alex Example",
    ]);
    const foreign = (await inbox(app, bob))[0]?.id;
    assert.deepEqual((await act(app, ada, "read", { ids: [foreign] })).body, { changed: 0 });
    assert.deepEqual((await act(app, ada, "read", { all: true })).body, { changed: 2 });
    assert.deepEqual([await unread(app, ada), await unread(app, bob)], [0, 1]);
  });
});

Deno.test("what is put away is found among the archived alone, and counts as unread no more", async () => {
  await withInbox(async (app, ada) => {
    const [third] = await inbox(app, ada);
    assert.deepEqual((await act(app, ada, "archive", { ids: [third?.id] })).body, { changed: 1 });
    assert.deepEqual((await act(app, ada, "archive", { ids: [third?.id] })).body, { changed: 0 });
    assert.equal((await inbox(app, ada)).length, 3);
    assert.equal(await unread(app, ada), 3);
    const [archived] = await inbox(app, ada, "?filter=archived");
    assert.equal(archived?.id, third?.id);
    assert.match(archived?.archivedAt ?? "", /Z$/);
  });
});

Deno.test("an inbox refuses what makes no sense, and whoever may not", async () => {
  await withInbox(async (app, ada) => {
    for (const json of [{}, { ids: [] }, { all: false }, { all: true, ids: [] }, { ids: ["x"] }]) {
      const { status } = await act(app, ada, "read", json);
      assert.equal(status, 422, JSON.stringify(json));
    }
    const viewer = await withRole(app, ada, "viewer");
    assert.equal((await inbox(app, viewer)).length, 4);
    for (const what of ["read", "archive"]) {
      assert.equal((await act(app, viewer, what, { all: true })).status, 403);
      const nobody = await app.request(`/v1/inbox/${what}`, {
        method: "POST",
        json: { all: true },
      });
      assert.equal(nobody.status, 401);
      await nobody.body?.cancel();
    }
    for (const path of ["/v1/inbox", "/v1/inbox/badge"]) {
      const nobody = await app.request(path);
      assert.equal(nobody.status, 401);
      await nobody.body?.cancel();
    }
    const query = await app.request("/v1/inbox?filter=secret", { token: ada.token });
    assert.equal(query.status, 422);
    await query.body?.cancel();
  });
});
