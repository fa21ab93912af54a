/** The typed client of `hono/client`, against the real app: what compiles here is what a page or a service can rely on. */
import assert from "node:assert/strict";
import { hc, type InferRequestType, type InferResponseType } from "hono/client";
import type { Api } from "../../routes/mod.ts";
import { examplePlan } from "../services/plans/example_plan.ts";
import { type TestApp, withApp } from "../support/app.ts";

function clientOf(app: TestApp, token: string) {
  return hc<Api>(app.url, { headers: { authorization: `Bearer ${token}` } });
}

Deno.test("a typed client signs in, reads a quote, makes a plan and changes it at the version it read", async () => {
  await withApp(async (app) => {
    const { email, token } = await app.signUp();
    const client = clientOf(app, token);

    const me = await (await client.v1.me.$get()).json();
    assert.equal(me.email, email);

    const symbol = "BTC-USD";
    const quote = await client.v1.quotes[":symbol"].$get({ param: { symbol } });
    assert.equal(quote.status, 200);
    const { price, changePercent } = await quote.json();
    assert.ok(Number(price) > 0 && Math.abs(changePercent) < 1);
    const quotes = await client.v1.quotes.$get({ query: { symbols: "AAPL,BTC-USD" } });
    assert.deepEqual((await quotes.json()).items.map((item) => item.symbol), ["AAPL", symbol]);

    const made = await client.v1.plans.$post({ json: { ...planBody, name: "By type" } });
    assert.equal(made.status, 201);
    const { id, version } = await made.json();
    const etag = made.headers.get("etag") ?? "";
    assert.equal(etag, `"${version}"`);
    const changed = await client.v1.plans[":id"].$patch(
      { param: { id }, json: { name: "Changed by type" } },
      { headers: { "if-match": etag, authorization: `Bearer ${token}` } },
    );
    assert.equal((await changed.json()).version, 2);
    const read = await client.v1.plans[":id"].$get({ param: { id } });
    assert.equal((await read.json()).name, "Changed by type");

    const { items, nextCursor } = await (await client.v1.plans.$get({ query: { limit: "1" } }))
      .json();
    assert.deepEqual([items.map((plan) => plan.id), nextCursor], [[id], null]);
  });
});

/** The contract's example as the client's type has it. */
const planBody: InferRequestType<Client["v1"]["plans"]["$post"]>["json"] = {
  ...examplePlan,
  accounts: [],
  incomes: [],
  goals: [],
  events: [],
  spending: [],
  allocation: { weights: { us_equity: 0.6, bonds: 0.4 } },
  withdrawal: { rule: "constant_real" },
};

type Client = ReturnType<typeof hc<Api>>;
type V1 = Client["v1"];
type Equal<A, B> = [A] extends [B] ? [B] extends [A] ? true : false : false;
type IsLost<T> = unknown extends T ? true : false;

/** Compiles only where every type is what it should be. */
function assertTypes<_Checks extends true[]>() {}

type QuoteAnswer = InferResponseType<V1["quotes"][":symbol"]["$get"], 200>;
type AlertAnswer = InferResponseType<V1["alerts"]["$post"]>;
type Kept = [
  QuoteAnswer,
  InferResponseType<V1["quotes"]["$get"], 200>,
  InferResponseType<V1["bars"][":symbol"]["$get"], 200>,
  InferResponseType<V1["preferences"]["$get"], 200>,
  InferResponseType<V1["plans"][":id"]["$get"], 200>,
  AlertAnswer,
];

Deno.test("inputs and outputs have types: a wrong field, a missing one and a wrong value do not compile", () => {
  assertTypes<[
    Equal<QuoteAnswer["price"], string>,
    Equal<QuoteAnswer["session"], "pre" | "regular" | "post" | "closed">,
    Equal<AlertAnswer["direction"], "above" | "below">,
    Equal<InferRequestType<V1["plans"]["$get"]>["query"]["limit"], string | undefined>,
    Equal<IsLost<Kept[number]>, false>,
  ]>();
  type AlertBody = InferRequestType<V1["alerts"]["$post"]>["json"];
  const alert: AlertBody = { kind: "price", symbol: "AAPL", direction: "above", level: "200.00" };
  // @ts-expect-error a field that no alert has
  const unknownField: AlertBody = { ...alert, colour: "red" } satisfies AlertBody;
  // @ts-expect-error a price is text, since a double cannot hold it
  const wrongValue: AlertBody = { ...alert, level: 200 };
  // @ts-expect-error an alert is about a symbol
  const missing: AlertBody = { kind: "price", direction: "above", level: "200.00" };
  // @ts-expect-error a quote's price is text
  const answer: QuoteAnswer["price"] = 200;
  // @ts-expect-error there is no such address
  type Nowhere = V1["nowhere"];
  assert.equal([unknownField, wrongValue, missing, answer].length, 4);
  assertTypes<[Equal<IsLost<Nowhere>, true>]>();
});
