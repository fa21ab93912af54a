import assert from "node:assert/strict";
import { readTree } from "../../../dev/source/tree.ts";
import type { KindName } from "../../../services/changes/schema.ts";
import { type SignedUp, type TestApp, withApp } from "../../support/app.ts";
import { call, makePlan, startQuietly } from "../plans/plans_world.ts";
import { personCtx, readOn } from "./changes_world.ts";

/** Audited actions after which a phone shows something else, with the kind of thing that it is. */
const shown: Record<string, KindName> = {
  "person.registered": "profile",
  "preferences.changed": "preferences",
  "plan.created": "plan",
  "plan.changed": "plan",
  "plan.deleted": "plan",
  "simulation.started": "simulation",
  "simulation.cancelled": "simulation",
  "watchlist.created": "watchlist",
  "watchlist.changed": "watchlist",
  "watchlist.deleted": "watchlist",
  "alert.created": "alert",
  "alert.changed": "alert",
  "alert.deleted": "alert",
};

/** Audited actions that change nothing that a phone keeps. */
const notShown: Record<string, string> = {
  "api_key.created": "keys are not kept on a phone",
  "api_key.revoked": "as above",
  "session.started": "sessions are not kept on a phone",
  "session.ended": "as above",
  "session.refused": "as above",
  "session.refused_locked": "as above",
  "session.reused": "as above",
  "error_group.resolved": "staff's own",
  "error_group.reopened": "as above",
  "dead_letter.replayed": "as above",
  "schedule.paused": "as above",
  "schedule.resumed": "as above",
  "signing_key.rotated": "the product's own",
  "notification.requested": "each of its messages is a change of its own",
};

Deno.test("every audited action is one that phones are told of, or is known to be none of their concern", () => {
  const actions = readTree()
    .filter(({ path, text }) => /^services\/.*\.ts$/.test(path) && text.includes("recordChange("))
    .flatMap(({ text }) => text.match(/\baction(?::| =)[^,;}]*/g) ?? [])
    .flatMap((said) => [...said.matchAll(/"([a-z_]+\.[a-z_]+)"/g)].map(([, action]) => action));
  assert.ok(actions.length >= 15);
  assert.deepEqual(
    [...new Set(actions)].toSorted(),
    [...Object.keys(shown), ...Object.keys(notShown)].toSorted(),
  );
});

Deno.test("each audited action that a phone shows is in the feed with what it was about", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    await app.settle();
    const tried = new Set<string>();
    let since: string | undefined;
    const expectTold = async (action: string) => {
      const [audited] = await app.inspect.sql<{ id: string }[]>`
        select coalesce(entity_id, subject_id::text) as id from audit_log
        where action = ${action} and subject_id = ${ada.userId} order by id desc limit 1`;
      const read = await readOn(personCtx(app, ada), since);
      since = read.since;
      const about = read.items.find(({ kind, id }) => kind === shown[action] && id === audited?.id);
      const operation = action.endsWith(".deleted") ? "deleted" : "changed";
      assert.equal(about?.operation, operation, action);
      tried.add(action);
    };
    await expectTold("person.registered");
    for (const [action, act] of actionsOf(app, ada)) {
      await act();
      await expectTold(action);
    }
    assert.deepEqual([...tried].toSorted(), Object.keys(shown).toSorted());
  });
});

function actionsOf(
  app: TestApp,
  person: SignedUp,
): [action: string, act: () => Promise<unknown>][] {
  const send = async (method: string, path: string, json?: unknown) => {
    const { status, body } = await call(app, person, method, path, json, { "if-match": "*" });
    assert.ok(status < 300, `${method} ${path}: ${JSON.stringify(body)}`);
    return body;
  };
  const alert = { kind: "price", symbol: "AAPL", direction: "above", level: "100000" };
  let planId = "";
  let simulationId = "";
  let alertId = "";
  let listId = "";
  return [
    ["preferences.changed", () => send("PATCH", "/v1/preferences", { locale: "de" })],
    ["plan.created", async () => planId = await makePlan(app, person)],
    ["plan.changed", () => send("PATCH", `/v1/plans/${planId}`, { name: "Other" })],
    ["simulation.started", async () => {
      simulationId = (await startQuietly(app, person, planId, { paths: 1_000 })).id;
    }],
    ["simulation.cancelled", () => send("DELETE", `/v1/simulations/${simulationId}`)],
    ["watchlist.created", async () => {
      listId = (await send("POST", "/v1/watchlists", { name: "Mine", symbols: ["AAPL"] })).id;
    }],
    ["watchlist.changed", () => send("PATCH", `/v1/watchlists/${listId}`, { name: "Ours" })],
    ["watchlist.deleted", () => send("DELETE", `/v1/watchlists/${listId}`)],
    ["alert.created", async () => alertId = (await send("POST", "/v1/alerts", alert)).id],
    ["alert.changed", () => send("PATCH", `/v1/alerts/${alertId}`, { note: "x" })],
    ["alert.deleted", () => send("DELETE", `/v1/alerts/${alertId}`)],
    ["plan.deleted", () => send("DELETE", `/v1/plans/${planId}`)],
  ];
}
