import assert from "node:assert/strict";
import { type Answer, call } from "../services/plans/plans_world.ts";
import { type SignedUp, type TestApp, withApp } from "../support/app.ts";
import { withRole } from "../support/staff.ts";

const path = "/v1/watchlists";
const right = { name: "Technology", symbols: ["AAPL", "MSFT"] };

const codeOf = ({ status, body }: Answer) => `${status} ${body?.code}`;

async function create(app: TestApp, person: SignedUp, json: unknown = right) {
  const made = await call(app, person, "POST", path, json);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
}

async function namesOf(app: TestApp, person: SignedUp): Promise<string[]> {
  const { body } = await call(app, person, "GET", path);
  return body.items.map(({ name }: { name: string }) => name);
}

Deno.test("a watchlist is kept as it was sent, found again, and taken away", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const response = await app.request(path, { method: "POST", token: ada.token, json: right });
    assert.equal(response.status, 201);
    const list = await response.json();
    assert.equal(response.headers.get("location"), `${path}/${list.id}`);
    assert.equal(response.headers.get("etag"), '"1"');
    const { id, createdAt, updatedAt, ...rest } = list;
    assert.deepEqual(rest, { version: 1, ...right, position: 0 });
    assert.equal(createdAt, updatedAt);
    const found = await call(app, ada, "GET", `${path}/${id}`);
    assert.deepEqual([found.status, found.etag, found.body], [200, '"1"', list]);
    const again = await app.request(`${path}/${id}`, {
      token: ada.token,
      headers: { "if-none-match": '"1"' },
    });
    assert.deepEqual([again.status, await again.text()], [304, ""]);
    assert.equal(again.headers.get("cache-control"), "private, max-age=1");
    const gone = await call(app, ada, "DELETE", `${path}/${id}`);
    assert.deepEqual([gone.status, gone.body], [204, null]);
    assert.equal(codeOf(await call(app, ada, "GET", `${path}/${id}`)), "404 not_found");
    assert.equal(codeOf(await call(app, ada, "DELETE", `${path}/${id}`)), "404 not_found");
  });
});

const refused: [what: string, change: Record<string, unknown>, at: string][] = [
  ["no name", { name: undefined }, "name"],
  ["a name of blanks", { name: "  " }, "name"],
  ["a name without end", { name: "x".repeat(101) }, "name"],
  ["a symbol in lower case", { symbols: ["AAPL", "msft"] }, "symbols.1"],
  ["a symbol that is none", { symbols: ["A B"] }, "symbols.0"],
  ["a symbol that nobody knows", { symbols: ["AAPL", "MSFT", "NOPE"] }, "symbols.2"],
  ["a symbol twice", { symbols: ["AAPL", "MSFT", "AAPL"] }, "symbols.2"],
  ["too many symbols", { symbols: Array.from({ length: 101 }, (_, at) => `S${at}`) }, "symbols"],
  ["symbols in a text", { symbols: "AAPL,MSFT" }, "symbols"],
  ["a position below zero", { position: -1 }, "position"],
  ["half a position", { position: 0.5 }, "position"],
  ["an id that is none", { id: "1" }, "id"],
  ["an unknown field", { colour: "red" }, "colour"],
];

Deno.test("a watchlist that does not fit is refused with the place of what does not, and nothing is kept", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    for (const [what, change, at] of refused) {
      const tried = await call(app, ada, "POST", path, { ...right, ...change });
      assert.equal(codeOf(tried), "422 invalid_request", what);
      const paths = tried.body.errors.map((error: { path: string }) => error.path);
      assert.deepEqual(paths, [at], what);
    }
    const { body } = await call(app, ada, "GET", path);
    assert.deepEqual(body, { items: [], nextCursor: null });
  });
});

Deno.test("every symbol that nobody knows is told with its place, and with what was probably meant", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const symbols = ["AAPL", "APPL", "MSFT", "NOPE"];
    const tried = await call(app, ada, "POST", path, { ...right, symbols });
    assert.deepEqual(tried.body.errors, [
      { path: "symbols.1", message: "is known to no source. Did you mean AAPL?" },
      { path: "symbols.3", message: "is known to no source." },
    ]);
  });
});

Deno.test("while no source can say whether a symbol exists it is not taken, and everything else can still be changed", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await create(app, ada, { name: "Mine", symbols: ["AAPL"] });
    app.standIns.yahoo.setFault({ kind: "status", status: 500 });
    const symbols = ["AAPL", "NFLX"];
    assert.equal(
      codeOf(await call(app, ada, "POST", path, { name: "x", symbols })),
      "503 no_price_source",
    );
    const patch = (json: unknown) => call(app, ada, "PATCH", `${path}/${id}`, json);
    assert.equal(codeOf(await patch({ symbols })), "503 no_price_source");
    // One that was taken before is not asked about again, even if nobody trades it any more.
    await app.inspect.sql`update watchlists set symbols = '{GONE,AAPL}' where id = ${id}`;
    const changed = await patch({ name: "Yours", symbols: ["AAPL", "GONE"] });
    assert.deepEqual([changed.body.name, changed.body.symbols], ["Yours", ["AAPL", "GONE"]]);
    app.standIns.yahoo.setFault(null);
  });
});

Deno.test("an id of one's own stands for one list: the same content again answers it, other content is a conflict", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const json = { ...right, id: app.deps.context("test", { address: "", userAgent: "" }).newId() };
    const upper = { ...json, id: json.id.toUpperCase() };
    const many = await Promise.all(
      [json, json, upper, json].map((each) => call(app, ada, "POST", path, each)),
    );
    for (const { status, body } of many) {
      assert.deepEqual([status, body], [201, many[0]?.body]);
    }
    assert.equal(many[0]?.body.id, json.id);
    for (const change of [{ name: "x" }, { symbols: ["MSFT", "AAPL"] }, { position: 7 }]) {
      const other = await call(app, ada, "POST", path, { ...json, ...change });
      assert.equal(codeOf(other), "409 conflict", JSON.stringify(change));
    }
    const bob = await app.signUp("bob");
    assert.equal(codeOf(await call(app, bob, "POST", path, json)), "409 conflict");
    assert.deepEqual(await namesOf(app, bob), []);
    const [audited] = await app.inspect.sql`
      select count(*)::int as rows from audit_log where action = 'watchlist.created'`;
    assert.equal(audited?.rows, 1);
  });
});

Deno.test("a person has twenty lists at most, however many are made at the same time", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    for (let n = 0; n < 15; n++) await create(app, ada, { name: `list ${n}` });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call(app, ada, "POST", path, { name: "more" })),
    );
    const over = answers.filter(({ status }) => status !== 201);
    assert.deepEqual(over.map(codeOf), Array(5).fill("422 watchlist_limit_reached"));
    assert.match(over[0]?.body.detail, /20/);
    const { body } = await call(app, ada, "GET", path);
    assert.equal(body.items.length, 20);
    // Whoever makes room can, and nobody else is touched by it.
    await call(app, ada, "DELETE", `${path}/${body.items[3].id}`);
    await create(app, ada);
    await create(app, await app.signUp("bob"));
  });
});

Deno.test("a change merges as RFC 7396 says; a version that is named must be the present one", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await create(app, ada);
    const patch = (json: unknown, match?: string) =>
      call(
        app,
        ada,
        "PATCH",
        `${path}/${id}`,
        json,
        match === undefined ? {} : { "if-match": match },
      );
    const named = await patch({ name: " Chips " });
    assert.deepEqual([named.status, named.etag, named.body.name], [200, '"2"', "Chips"]);
    assert.deepEqual(named.body.symbols, right.symbols);
    for (const match of ['"1"', '"1", "2"', "nonsense"]) {
      const stale = await patch({ name: "x" }, match);
      assert.deepEqual([codeOf(stale), stale.etag], ["412 version_mismatch", '"2"'], match);
    }
    assert.equal((await patch({ symbols: ["NVDA", "AAPL"] }, '"2"')).body.version, 3);
    assert.deepEqual((await patch({ symbols: null }, "*")).body.symbols, []);
    for (
      const [json, at] of [
        [{ name: null }, "name"],
        [{ symbols: ["AAPL", "NOPE"] }, "symbols.1"],
        [{ symbols: ["AAPL", "AAPL"] }, "symbols.1"],
        [{ symbols: [null] }, "symbols.0"],
        [{ version: 9 }, "version"],
        [{ id }, "id"],
      ] as const
    ) {
      const tried = await patch(json);
      assert.equal(codeOf(tried), "422 invalid_request", JSON.stringify(json));
      assert.deepEqual(tried.body.errors.map((error: { path: string }) => error.path), [at]);
    }
    const racing = await Promise.all(["a", "b", "c"].map((name) => patch({ name }, '"4"')));
    assert.deepEqual(racing.map(({ status }) => status).toSorted(), [200, 412, 412]);
    const gone = await call(app, ada, "DELETE", `${path}/${id}`, undefined, { "if-match": '"4"' });
    assert.deepEqual([codeOf(gone), gone.etag], ["412 version_mismatch", '"5"']);
    const match = { "if-match": '"5"' };
    assert.equal((await call(app, ada, "DELETE", `${path}/${id}`, undefined, match)).status, 204);
  });
});

Deno.test("every change is in the audit log, with the names of the fields and none of their values", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await create(app, ada, { name: "Secret plan", symbols: ["AAPL"] });
    await call(app, ada, "PATCH", `${path}/${id}`, { name: "Another secret", position: 3 });
    await call(app, ada, "DELETE", `${path}/${id}`);
    const rows = await app.inspect.sql`
      select action, actor_id, subject_id, fields, audit_log::text as text from audit_log
      where entity_id = ${id} order by id`;
    assert.deepEqual(rows.map(({ action, fields }) => [action, fields]), [
      ["watchlist.created", []],
      ["watchlist.changed", ["name", "position"]],
      ["watchlist.deleted", []],
    ]);
    for (const { actor_id, subject_id, text } of rows) {
      assert.deepEqual([actor_id, subject_id], [ada.userId, ada.userId]);
      assert.doesNotMatch(text, /secret|AAPL/i);
    }
  });
});

Deno.test("lists stand in their owner's order, new ones last, and a page goes on where the one before ended", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const made: Record<string, string> = {};
    for (const name of ["a", "b", "c", "d"]) made[name] = (await create(app, ada, { name })).id;
    const move = (name: string, position: number | null) =>
      call(app, ada, "PATCH", `${path}/${made[name]}`, { position });
    assert.deepEqual(await namesOf(app, ada), ["a", "b", "c", "d"]);
    await move("d", 0);
    await move("a", null);
    assert.deepEqual(await namesOf(app, ada), ["d", "b", "c", "a"]);
    // What is last stays so, where it is.
    assert.equal((await move("a", null)).body.position, (await move("a", null)).body.position);
    await create(app, ada, { name: "first", position: 0 });
    await create(app, ada, { name: "far", position: 1_000_000 });
    await create(app, ada, { name: "behind" });
    const order = ["d", "first", "b", "c", "a", "far", "behind"];
    assert.deepEqual(await namesOf(app, ada), order);
    const seen: string[] = [];
    let cursor: string | null = "";
    for (let pages = 0; cursor !== null; pages++) {
      assert.ok(pages < 5);
      const after: string = cursor && `&cursor=${cursor}`;
      const { body } = await call(app, ada, "GET", `${path}?limit=2${after}`);
      seen.push(...body.items.map(({ name }: { name: string }) => name));
      cursor = body.nextCursor;
    }
    assert.deepEqual(seen, order);
    // Nobody needs the list at which a page ended for the next one.
    const { body: page } = await call(app, ada, "GET", `${path}?limit=3`);
    await call(app, ada, "DELETE", `${path}/${made.b}`);
    const { body: rest } = await call(app, ada, "GET", `${path}?cursor=${page.nextCursor}`);
    assert.deepEqual(rest.items.map(({ name }: { name: string }) => name), order.slice(3));
    const nobody = "0190b0f0-0000-7000-8000-00000000dead";
    for (const wrong of ["1", nobody, `-1.${nobody}`, "1.nonsense", `9999999.${nobody}`, "%00"]) {
      const tried = await call(app, ada, "GET", `${path}?cursor=${wrong}`);
      assert.equal(codeOf(tried), "422 invalid_request", wrong);
    }
  });
});

Deno.test("the quotes of a list come in one call, in its order, and are not sent twice", async () => {
  const closedMs = Date.parse("2026-11-21T15:00:00Z");
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await create(app, ada, { name: "x", symbols: ["MSFT", "AAPL"] });
    const answer = await call(app, ada, "GET", `${path}/${id}/quotes`);
    assert.equal(answer.status, 200);
    const { body: alone } = await call(app, ada, "GET", "/v1/quotes?symbols=MSFT,AAPL");
    assert.deepEqual(answer.body, alone);
    assert.deepEqual(answer.body.items.map(({ symbol }: { symbol: string }) => symbol), [
      "MSFT",
      "AAPL",
    ]);
    const again = await app.request(`${path}/${id}/quotes`, {
      token: ada.token,
      headers: { "if-none-match": answer.etag },
    });
    assert.deepEqual([again.status, await again.text()], [304, ""]);
    assert.equal(again.headers.get("cache-control"), "private, max-age=1");
    await call(app, ada, "PATCH", `${path}/${id}`, { symbols: [] });
    const empty = await call(app, ada, "GET", `${path}/${id}/quotes`);
    assert.deepEqual(empty.body, { items: [], unknown: [], unavailable: [] });
    assert.notEqual(empty.etag, answer.etag);
  }, { world: { now: () => closedMs } });
});

Deno.test("a source that is down spoils nothing for the other symbols of a list", async () => {
  await withApp(async (app) => {
    const ada = await app.signUp("ada");
    const { id } = await create(app, ada);
    await app.inspect.sql`update watchlists set symbols = '{NFLX,AAPL}' where id = ${id}`;
    app.standIns.yahoo.setFault({ kind: "status", status: 500 });
    const { status, body } = await call(app, ada, "GET", `${path}/${id}/quotes`);
    assert.deepEqual([status, body.unavailable, body.items.length], [200, ["NFLX"], 1]);
    app.standIns.yahoo.setFault(null);
  });
});

Deno.test("whose a list is decides who sees it; a viewer looks and changes nothing", async () => {
  await withApp(async (app) => {
    const [ada, bob] = [await app.signUp("ada"), await app.signUp("bob")];
    const { id } = await create(app, ada);
    for (
      const [method, where, json] of [
        ["GET", `${path}/${id}`],
        ["GET", `${path}/${id}/quotes`],
        ["PATCH", `${path}/${id}`, { name: "Bob's" }],
        ["DELETE", `${path}/${id}`],
      ] as const
    ) {
      assert.equal(codeOf(await call(app, bob, method, where, json)), "404 not_found", method);
    }
    assert.deepEqual(await namesOf(app, bob), []);
    const viewer = await withRole(app, ada, "viewer");
    assert.deepEqual(await namesOf(app, viewer), [right.name]);
    assert.equal((await call(app, viewer, "GET", `${path}/${id}/quotes`)).status, 200);
    assert.equal(codeOf(await call(app, viewer, "POST", path, right)), "403 forbidden");
    assert.equal(codeOf(await call(app, viewer, "DELETE", `${path}/${id}`)), "403 forbidden");
  });
});

Deno.test("the documentation says that If-Match may be sent with a watchlist, and must be with an alert", async () => {
  await withApp(async (app) => {
    const { paths } = await (await app.request("/openapi.json")).json();
    const told = (where: string) => {
      const { parameters, responses } = paths[where].patch;
      const match = parameters.find(({ name }: { name: string }) => name === "If-Match");
      return [match?.required, "412" in responses, "428" in responses];
    };
    assert.deepEqual(told("/v1/watchlists/{id}"), [false, true, false]);
    assert.deepEqual(told("/v1/alerts/{id}"), [true, true, true]);
  });
});
