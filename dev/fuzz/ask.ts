/** Makes a request of a plan, sends it, and says what is wrong with its answer. */
import { type Asked, toCurl } from "./curl.ts";
import type { ApiDocument } from "./document.ts";
import { type Answered, faultsOf, readAnswer } from "./judge.ts";
import type { Found, Knowledge } from "./knowledge.ts";
import type { People } from "./people.ts";
import { isId, type Plan } from "./plans.ts";

export interface Played {
  plan: Plan;
  curl: string;
  status: number;
  text: string;
  faults: string[];
}

export interface Stage {
  api: ApiDocument;
  url: string;
  people: People;
  knowledge: Knowledge;
}

const answerMaxMs = 20_000;

/** Undefined where HTTP itself cannot carry the request. */
export async function play(stage: Stage, plan: Plan): Promise<Played | undefined> {
  const { asked, standings } = requestOf(stage, plan);
  const response = await send(stage, plan, asked);
  if (response === "unsendable") return undefined;
  const curl = toCurl({
    ...asked,
    headers: signed(asked.headers, plan, `$${plan.actor.toUpperCase()}`),
  });
  if (response === "silent") {
    return { plan, curl, status: 0, text: "", faults: [`no answer within ${answerMaxMs} ms`] };
  }
  const answered = await readAnswer(response);
  stage.knowledge.learn(plan, new URL(asked.url).pathname, answered);
  const endsSession = plan.operation.path.includes("/auth/") && !plan.operation.isOpen;
  if ((answered.status === 401 || endsSession) && asked.headers.authorization === undefined) {
    await stage.people.renew(plan.actor);
  }
  const faults = [
    ...faultsOf(stage.api, plan.operation, answered),
    ...refusalFaults(stage, plan, asked, answered),
    ...standingFaults(plan, standings, answered),
  ];
  const { status, text } = answered;
  return { plan, curl, status, text: text.slice(0, 600), faults };
}

function requestOf({ url, knowledge }: Stage, plan: Plan) {
  const { operation, path, query, headers, body } = plan;
  const standings: Found["standing"][] = [];
  const filled = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const before = operation.path.split(`/{${name}}`)[0]?.split("/").at(-1) ?? "";
    const found = knowledge.find(plan.actor, before, path[name] ?? { from: "text", text: "" });
    // A symbol or a number of a version is nobody's, and may well be one that there is not.
    const ofSomebody = operation.parameters.some((place) => place.name === name && isId(place));
    standings.push(ofSomebody ? found.standing : "unknown");
    return encodeURIComponent(found.text.toWellFormed());
  });
  const search = query.map((pair) => pair.map((part) => encodeURIComponent(part.toWellFormed())))
    .map(([name, value]) => `${name}=${value}`).join("&");
  const asked: Asked = {
    method: operation.method,
    url: `${url}${filled}${search ? `?${search}` : ""}`,
    headers: { ...headers, ...(body?.type ? { "content-type": body.type } : {}) },
    ...(body && operation.method !== "GET" ? { body: body.content } : {}),
  };
  // The tag that the version was last seen with, where one was: `*` would never meet the comparison.
  const tag = knowledge.tagOf(filled);
  if (plan.isFitting && tag && asked.headers["if-match"]) asked.headers["if-match"] = tag;
  return { asked, standings };
}

function signed(headers: Asked["headers"], { actor }: Plan, token: string | undefined) {
  if (actor === "nobody" || headers.authorization !== undefined || !token) return headers;
  return { ...headers, authorization: `Bearer ${token}` };
}

async function send(
  { people }: Stage,
  plan: Plan,
  asked: Asked,
): Promise<Response | "unsendable" | "silent"> {
  try {
    return await fetch(asked.url, {
      method: asked.method,
      headers: signed(asked.headers, plan, people.tokenOf(plan.actor)),
      body: asked.body,
      redirect: "manual",
      signal: AbortSignal.timeout(answerMaxMs),
    });
  } catch (error) {
    return error instanceof DOMException ? "silent" : "unsendable";
  }
}

/** What the document does not take must not be taken; who is nobody must not be let in. */
function refusalFaults({ api }: Stage, plan: Plan, asked: Asked, { status }: Answered): string[] {
  const { operation, query, body, headers, actor } = plan;
  const isStranger = actor === "nobody" || headers.authorization !== undefined;
  if (isStranger && !operation.isOpen) return status === 401 ? [] : [`lets nobody in: ${status}`];
  if (status >= 400) return [];
  const known = new Map(
    operation.parameters.filter((parameter) => parameter.in === "query").map((parameter) => [
      parameter.name,
      parameter,
    ]),
  );
  // Addresses that nothing can be wrong with, such as /healthz, do not look at what they are sent.
  if (!("422" in operation.answers)) return [];
  const wrong = query.filter(([name, value]) => {
    const parameter = known.get(name);
    const isText = parameter?.schema.type === "string";
    return !parameter || (isText && api.misfits(parameter.schema, value).length > 0);
  });
  const faults = wrong.map(([name]) => `takes the parameter ${name} as it is`);
  if (asked.body === undefined || !operation.body || !body) return faults;
  const misfits = bodyMisfits(api, operation.body.schema ?? {}, body.content);
  return misfits.length === 0 ? faults : [...faults, `takes a body that misfits: ${misfits[0]}`];
}

function bodyMisfits(
  api: ApiDocument,
  schema: Record<string, unknown>,
  content: string | Uint8Array,
): string[] {
  if (typeof content !== "string") return ["it is not UTF-8"];
  try {
    return api.misfits(schema, JSON.parse(content));
  } catch {
    return ["it is not JSON"];
  }
}

/** Whose it is decides: somebody else's, and what is gone, is nothing that anybody can see; one's own is. */
function standingFaults(
  { isFitting, actor }: Plan,
  standings: Found["standing"][],
  { status }: Answered,
) {
  if (actor === "nobody" || !isFitting) return [];
  if (standings.includes("foreign") && ![403, 404].includes(status)) {
    return [`somebody else's: ${status}`];
  }
  if (standings.includes("gone") && status !== 404) return [`gone, and yet: ${status}`];
  const isOwn = standings.length > 0 && standings.every((standing) => standing === "own");
  return isOwn && status === 404 ? ["one's own is not found"] : [];
}
