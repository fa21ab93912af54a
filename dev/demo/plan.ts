import type { Phone } from "./client.ts";
import type { LiveSocket } from "./socket.ts";
import { insist, type Steps, waitFor } from "./steps.ts";

const paths = 10_000;
const seed = 42;

/** Makes a plan, changes it, simulates it twice with progress, and insists on the same bytes. */
export async function watchPlan(phone: Phone, steps: Steps, socket: LiveSocket): Promise<void> {
  const plan = await steps.step("make a plan", async () => {
    const { body } = await phone.call<{ id: string; name: string }>("POST", "/v1/plans", {
      json: inputs,
    });
    return [body, `"${body.name}", version 1`];
  });
  await steps.step("spend less, a new version", async () => {
    const { etag } = await phone.call("GET", `/v1/plans/${plan.id}`);
    const spending = [{ ...inputs.spending[0], amount: "45000" }];
    const { body } = await phone.call<{ version: number }>("PATCH", `/v1/plans/${plan.id}`, {
      json: { spending },
      headers: { "if-match": etag ?? "" },
    });
    return [body, `version ${body.version}; version 1 is kept`];
  });
  const first = await steps.step(`simulate ${paths.toLocaleString("en")} futures`, async () => {
    const [result, progress] = await simulate(phone, socket, plan.id);
    return [result, `${describe(result)}; progress ${progress.join(" ")}`];
  });
  await steps.step("the same seed again", async () => {
    const [second] = await simulate(phone, socket, plan.id);
    insist(second.provenance.resultHash === first.provenance.resultHash, "the bytes differ");
    return [second, `the same bytes, ${first.provenance.resultHash?.slice(0, 19)}…`];
  });
}

interface Simulation {
  id: string;
  status: string;
  result?: { successProbability: number; years: { year: number; real: { p50: string } }[] };
  provenance: { resultHash?: string };
}

async function simulate(
  phone: Phone,
  socket: LiveSocket,
  planId: string,
): Promise<[Simulation, string[]]> {
  const { body: started } = await phone.call<Simulation>(
    "POST",
    `/v1/plans/${planId}/simulations`,
    {
      json: { paths, seed },
    },
  );
  const channel = `simulations:${started.id}`;
  socket.subscribe([channel]);
  const ended = await waitFor("the simulation", async () => {
    const { body } = await phone.call<Simulation>("GET", `/v1/simulations/${started.id}`, {
      headers: { prefer: "wait=5" },
    });
    return ["queued", "running"].includes(body.status) ? undefined : body;
  }, 60_000);
  insist(ended.status === "succeeded", `the simulation ${ended.status}`);
  const heard = socket.frames.filter((frame) => frame.channel === channel);
  insist(heard.length > 1, "no progress was heard on the stream");
  return [ended, heard.map(({ data }) => `${Math.round(Number(data.progress) * 100)} %`)];
}

function describe({ result }: Simulation): string {
  insist(result !== undefined, "there is no result");
  const last = result.years.at(-1);
  const percent = (result.successProbability * 100).toFixed(1);
  return `${percent} % work out; median in ${last?.year}: ${last?.real.p50} of today's money`;
}

const inputs = {
  name: "Retire at 65",
  currency: "USD",
  startDate: "2026-01-01",
  people: [{
    name: "Alex",
    birthDate: "1980-05-01",
    retirementAge: 65,
    lifeExpectancy: 92,
    income: { amount: "120000", growth: 0.02 },
  }],
  accounts: [{
    name: "401k",
    treatment: "tax_deferred",
    balance: "250000",
    contribution: { amount: "19500", until: "retirement" },
    employerMatch: { rate: 0.5, cap: 0.06 },
  }],
  spending: [{
    name: "living",
    amount: "60000",
    from: "retirement",
    until: "end",
    inflationLinked: true,
    essential: true,
  }],
  incomes: [{
    name: "social security",
    amount: "30000",
    from: { age: 67 },
    until: "end",
    inflationLinked: true,
  }],
  events: [{ name: "house", amount: "-100000", date: "2032-06-01" }],
  goals: [{ name: "college", amount: "150000", date: "2040-09-01", priority: 1 }],
  allocation: {
    weights: { us_equity: 0.5, intl_equity: 0.1, bonds: 0.35, cash: 0.05 },
    glidePath: [{ age: 70, weights: { us_equity: 0.3, bonds: 0.6, cash: 0.1 } }],
    rebalance: "annual",
    feeRate: 0.002,
  },
  withdrawal: { rule: "constant_real", order: ["taxable", "tax_deferred", "roth"] },
  assumptions: { set: "base", version: 1 },
};
