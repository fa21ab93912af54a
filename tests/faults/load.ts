import { pause } from "../../lib/time.ts";
import { examplePlan } from "../services/plans/example_plan.ts";
import type { TestApp } from "../support/app.ts";
import { signToken } from "../support/tokens.ts";

/**
 * What a client asks for. Lists ask Postgres each time; kept reads are answered by memory and Redis; orders are plans
 * under an idempotency key, and deliveries messages to the job door: both are sent again until they are answered.
 */
export type Kind = "list" | "kept" | "order" | "delivery";

/** One answer, as its client saw it. */
export interface Answer {
  kind: Kind;
  startedMs: number;
  endedMs: number;
  status: number;
  /** It says when to come again. */
  asksToWait: boolean;
  text: string;
}

/** A message for the job door; answers its HTTP answer. */
export type SendMessage = (
  number: number,
) => Promise<{ status: number; headers: Headers; text: string }>;

export interface Load {
  answers: Answer[];
  /** The ids of plans that were answered 201, by the name that each has alone. */
  plans: Map<string, string>;
  /** Deliveries that were answered 2xx. */
  delivered: Set<number>;
  /** Every order and delivery is sent until it is answered; then nobody asks for anything any more. */
  finish(): Promise<void>;
}

export interface LoadOptions {
  clients?: number;
  /** Messages are sent as well, one client's worth in eight. */
  sendMessage?: SendMessage;
}

const peopleCount = 8;
const betweenMs = 10;
/** Less than what an answer asks for: a client in a hurry is the harder one. */
const againMs = 50;
const hangingMs = 30_000;

interface Person {
  token: string;
  keptPath: string;
}

/** Clients that go on asking until they are told to finish. */
export async function startLoad(
  app: TestApp,
  { clients = 16, sendMessage }: LoadOptions = {},
): Promise<Load> {
  const people = await makePeople(app);
  const load: Omit<Load, "finish"> = { answers: [], plans: new Map(), delivered: new Set() };
  let finishing = false;
  let serial = 0;

  async function note(kind: Kind, ask: () => Promise<Response | Awaited<ReturnType<SendMessage>>>) {
    const startedMs = performance.now();
    const answer = await read(ask);
    load.answers.push({ kind, startedMs, endedMs: performance.now(), ...answer });
    return answer;
  }

  async function order(person: Person) {
    const name = `Plan ${++serial}`;
    const key = crypto.randomUUID();
    for (;;) {
      const { status, text } = await note("order", () =>
        app.request("/v1/plans", {
          method: "POST",
          token: person.token,
          json: { ...examplePlan, name },
          headers: { "idempotency-key": key },
          signal: AbortSignal.timeout(hangingMs),
        }));
      if (status === 201) return void load.plans.set(name, JSON.parse(text).id);
      await pause(againMs);
    }
  }

  async function deliver(send: SendMessage) {
    const number = ++serial;
    while (!load.delivered.has(number)) {
      const { status } = await note("delivery", () => send(number));
      if (status < 300) load.delivered.add(number);
      else await pause(againMs);
    }
  }

  const get = (person: Person, path: string) =>
    app.request(path, { token: person.token, signal: AbortSignal.timeout(hangingMs) });

  async function client(index: number) {
    const person = people[index % peopleCount] ?? { token: "", keptPath: "" };
    for (let turn = index; !finishing; turn++) {
      if (sendMessage && index % 8 === 7) await deliver(sendMessage);
      else if (turn % 3 === 0) await order(person);
      else if (turn % 3 === 1) await note("list", () => get(person, "/v1/plans?limit=5"));
      else await note("kept", () => get(person, person.keptPath));
      await pause(betweenMs);
    }
  }

  const running = Array.from({ length: clients }, (_, index) => client(index));
  return {
    ...load,
    async finish() {
      finishing = true;
      await Promise.all(running);
    },
  };
}

/** What it was, or why there was none: an app that runs answers everything. */
async function read(ask: () => Promise<Response | Awaited<ReturnType<SendMessage>>>) {
  try {
    const answer = await ask();
    const text = typeof answer.text === "string" ? answer.text : await answer.text();
    const asksToWait = Number(answer.headers.get("retry-after")) > 0;
    return { status: answer.status, asksToWait, text };
  } catch (error) {
    return { status: 0, asksToWait: false, text: String(error) };
  }
}

async function makePeople(app: TestApp): Promise<Person[]> {
  const rows = await app.inspect.sql<{ id: string }[]>`
    insert into users (id, email, name, password_hash, password_changed_at, created_at)
    select gen_random_uuid(), n || '@example.com', 'Alex', '', now(), now()
    from generate_series(1, ${peopleCount}) n returning id`;
  return await Promise.all(rows.map(async ({ id }) => {
    const token = await signToken(app, id, ["plans:read", "plans:write"]);
    const response = await app.request("/v1/plans", {
      method: "POST",
      token,
      json: { ...examplePlan, name: "kept" },
      headers: { "idempotency-key": crypto.randomUUID() },
    });
    const keptPath = `/v1/plans/${(await response.json()).id}`;
    await (await app.request(keptPath, { token })).body?.cancel();
    return { token, keptPath };
  }));
}
