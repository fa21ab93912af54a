import type { Endpoint } from "../support/endpoints.ts";
import type { Caller } from "./caller.ts";
import { type Field, valueAt } from "./fields.ts";
import type { Answer } from "./judge.ts";
import { isFreeText, type Schema } from "./json_schema.ts";
import type { Rig } from "./rig.ts";
import type { Asked } from "./slots.ts";

/** What was accepted, as it can be read afterwards. */
type Reader = (rig: Rig, answer: Answer, sent: Record<string, unknown>) => Promise<unknown>;

/** Routes whose resource has no address of its own: the proof that what was sent is what is kept. */
const readers: Record<string, Reader> = {
  // A password is read by signing in with it.
  "POST /v1/auth/register": async (rig, _, { email, password }) => {
    const { status, text } = await rig.send("/v1/auth/login", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email, password }),
    });
    return status === 200 ? { ...JSON.parse(text).user, password } : { password: status };
  },
  "POST /v1/auth/login": async ({ app }, answer) => {
    const { user } = JSON.parse(answer.text);
    const [session] = await app.inspect.sql`
      select device from sessions where user_id = ${user.id} order by created_at desc, id desc limit 1`;
    return session;
  },
  "POST /v1/notifications": async ({ app }, answer) => {
    const { id } = JSON.parse(answer.text);
    const [request] = await app.inspect.sql`
      select data, dedupe_key as "dedupeKey" from notifications where request_id = ${id} limit 1`;
    return request;
  },
};

export interface ReadBack {
  /** Undefined where the place is one that nobody is shown. */
  isShown: boolean;
  fault?: string;
}

interface Accepted {
  rig: Rig;
  caller: Caller;
  endpoint: Endpoint;
  field: Field;
  text: string;
}

/** Whether an accepted text is kept as it was sent. */
export async function readBack(
  accepted: Accepted,
  asked: Asked,
  answer: Answer,
): Promise<ReadBack> {
  return compare(accepted.field, accepted.text, await keptBy(accepted, asked, answer));
}

/** What was made is taken away again, before there is more of it than one person can have. */
export async function clearAway(caller: Caller, { headers }: Answer): Promise<void> {
  const location = headers.get("location");
  if (location !== null) await caller.go("DELETE", location);
}

async function keptBy(
  { rig, caller, endpoint: { route, path } }: Accepted,
  asked: Asked,
  answer: Answer,
): Promise<unknown> {
  const location = answer.headers.get("location");
  const reader = readers[route];
  if (reader) return await reader(rig, answer, asked.body as Record<string, unknown>);
  if (location !== null) return bodyOf(await caller.go("GET", location));
  const resource = rig.find(`GET ${path}`);
  if (resource === undefined || !/^(PUT|PATCH) /.test(route)) return bodyOf(answer);
  return bodyOf(await caller.ask(resource, { ...caller.usual(resource), params: asked.params }));
}

function bodyOf({ status, text }: Answer): unknown {
  return status < 300 && /^[[{]/.test(text) ? JSON.parse(text) : undefined;
}

function compare({ path, as, schema }: Field, text: string, kept: unknown): ReadBack {
  if (as === "name") {
    const holder = valueAt(kept, path);
    // A name that is let in and then dropped is lost without a word.
    const isLost = typeof holder === "object" && holder !== null && !Object.hasOwn(holder, text);
    return { isShown: true, ...(isLost ? { fault: "the name was accepted and dropped" } : {}) };
  }
  if (schema.type !== undefined && schema.type !== "string") {
    return { isShown: true, fault: `a text was accepted as ${schema.type}` };
  }
  const stored = valueAt(kept, path);
  if (stored === undefined) return { isShown: false };
  // An address comes back with whether it is verified.
  const shown = typeof stored === "object" && stored !== null ? Object.values(stored) : [stored];
  const isSame = shown.some((value) => isKept(value, text, schema));
  return { isShown: true, ...(isSame ? {} : { fault: `kept as ${JSON.stringify(stored)}` }) };
}

function isKept(stored: unknown, sent: string, schema: Schema): boolean {
  return stored === sent || stored === sent.trim() ||
    !isFreeText(schema) && meansTheSame(String(stored), sent);
}

/** Numbers, moments and ids have more than one spelling. */
function meansTheSame(stored: string, sent: string): boolean {
  return stored.toLowerCase() === sent.toLowerCase() || Number(stored) === Number(sent) ||
    Date.parse(stored) === Date.parse(sent);
}
