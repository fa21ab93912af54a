import type { Context, Hono, MiddlewareHandler } from "hono";
import { z } from "zod";
import { pause } from "../../../lib/time.ts";

/** What can be made to go wrong with any vendor, until it is set back to null. */
const sharedKinds = [
  /** Nobody listens on the port. */
  "refuse",
  /** Answers `status` (500) with the vendor's own words for it, and with `retryAfter` where that is given. */
  "status",
  /** The request is read, nothing is done and no answer ever comes. */
  "timeout",
  /** The work is done, but no answer ever comes. */
  "swallow",
  /** The work is done, but the connection breaks in the middle of the answer's body. */
  "truncate",
  /** Everything is right, after `delayMs` (1,000). */
  "slow",
  /** A body that never ends. */
  "endless",
] as const;
type SharedKind = typeof sharedKinds[number];

export interface Fault<Own extends string = never> {
  kind: SharedKind | Own;
  status?: number;
  /** Seconds or an HTTP date, as the header is to say it. */
  retryAfter?: string;
  delayMs?: number;
  /** The share of requests that it hits, 0..1; all of them unless given. The same ones in every run. */
  rate?: number;
}

/** One fault, or several of which the first that hits a request is the one that happens; null for none. */
export type FaultChoice<Own extends string = never> = Fault<Own> | Fault<Own>[] | null;

export interface Faults<Own extends string> {
  set(choice: FaultChoice<Own>): void;
  /** How many requests each of the faults that were set last has hit, in their order. */
  hits(): number[];
  /** Goes before the vendor's own interface, never before the pages and switches of the stand-in. */
  middleware: MiddlewareHandler;
  /** GET and POST /dev/fault. */
  mount(app: Hono): void;
  stop(): void;
}

export interface FaultOptions<Own extends string> {
  /** Faults of this vendor: what they make of its right answer. */
  own: Record<Own, (answer: Response) => Response | Promise<Response>>;
  statusAnswer(status: number): Response;
  onChange(faults: Fault<Own>[]): void;
}

export function createFaults<Own extends string>(options: FaultOptions<Own>): Faults<Own> {
  const stopping = new AbortController();
  let choice: FaultChoice<Own> = null;
  let faults: Fault<Own>[] = [];
  let counts: number[] = [];
  let hits = seededHits();

  function set(next: FaultChoice<Own>) {
    choice = next;
    faults = next === null ? [] : [next].flat();
    counts = faults.map(() => 0);
    hits = seededHits();
    options.onChange(faults);
  }

  return {
    set,
    hits: () => [...counts],
    async middleware(c, next) {
      const index = faults.findIndex(({ rate }) => hits(rate ?? 1));
      const fault = faults[index];
      if (!fault) return await next();
      counts[index] = (counts[index] ?? 0) + 1;
      await spoil(options, fault, c, next, stopping.signal);
    },
    mount(app) {
      app.get("/dev/fault", (c) => c.json(choice));
      app.post("/dev/fault", async (c) => {
        const body = await c.req.json().catch(() => undefined);
        const wanted = faultSchema<Own>(options.own).safeParse(body);
        if (!wanted.success) return c.json({ error: z.prettifyError(wanted.error) }, 422);
        set(wanted.data);
        return c.json(choice);
      });
    },
    stop: () => stopping.abort(),
  };
}

async function spoil<Own extends string>(
  { own, statusAnswer }: FaultOptions<Own>,
  fault: Fault<Own>,
  c: Context,
  next: () => Promise<void>,
  stopping: AbortSignal,
) {
  const { kind } = fault;
  if (kind === "timeout") await forever;
  if (kind === "slow") await pause(fault.delayMs ?? 1_000, stopping);
  if (kind === "status") {
    return replace(c, withRetryAfter(statusAnswer(fault.status ?? 500), fault));
  }
  if (kind === "endless") return replace(c, endless());
  await next();
  if (kind === "swallow") await forever;
  if (kind === "truncate") return replace(c, await truncated(c.res));
  if (isOwn(own, kind)) replace(c, await own[kind](c.res));
}

const forever = new Promise<never>(() => {});

/** Hono merges the headers of a replaced answer into the new one, unless there was none. */
function replace(c: Context, answer: Response) {
  c.res = undefined;
  c.res = answer;
}

function isOwn<Own extends string>(own: Record<Own, unknown>, kind: string): kind is Own {
  return Object.hasOwn(own, kind);
}

function withRetryAfter(answer: Response, { retryAfter }: Fault<string>): Response {
  if (retryAfter !== undefined) answer.headers.set("retry-after", retryAfter);
  return answer;
}

/** Announces more than it sends, so that an empty body can be cut too. */
async function truncated(whole: Response): Promise<Response> {
  const bytes = new Uint8Array(await whole.arrayBuffer());
  const headers = new Headers(whole.headers);
  headers.set("content-length", String(bytes.length + 100));
  const half = bytes.slice(0, Math.floor(bytes.length / 2));
  return new Response(ReadableStream.from([half]), { status: whole.status, headers });
}

function endless(): Response {
  const chunk = new Uint8Array(64 * 1024).fill(0x20);
  const body = new ReadableStream({ pull: (controller) => controller.enqueue(chunk) });
  return new Response(body, { headers: { "content-type": "application/json" } });
}

/** Park and Miller's generator: which requests are hit is the same in every run. */
function seededHits(): (rate: number) => boolean {
  let state = 20_230_731;
  return (rate) => {
    state = state * 48_271 % 2_147_483_647;
    return state / 2_147_483_647 < rate;
  };
}

function faultSchema<Own extends string>(own: Record<Own, unknown>) {
  const kinds: string[] = [...sharedKinds, ...Object.keys(own)];
  return z.strictObject({
    kind: z.custom<SharedKind | Own>(
      (kind) => typeof kind === "string" && kinds.includes(kind),
      `one of ${kinds.join(", ")}`,
    ),
    status: z.int().min(200).max(599).optional(),
    retryAfter: z.string().optional(),
    delayMs: z.int().min(0).optional(),
    rate: z.number().min(0).max(1).optional(),
  }).nullable();
}
