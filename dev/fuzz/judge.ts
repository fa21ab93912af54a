/** What must hold for every answer of the API, whatever was asked. */
import { safeHeaders } from "../../lib/problem.ts";
import type { Answer, ApiDocument, Operation } from "./document.ts";

export interface Answered {
  status: number;
  headers: Headers;
  text: string;
}

/** An answer with its text; of a stream without end nothing is read. */
export async function readAnswer(response: Response): Promise<Answered> {
  const { status, headers } = response;
  if (!headers.get("content-type")?.startsWith("text/event-stream")) {
    return { status, headers, text: await response.text() };
  }
  await response.body?.cancel();
  return { status, headers, text: "" };
}

/** Headers that mean something, so that an answer may carry one only where the document says so. */
const telling = [
  "etag",
  "link",
  "location",
  "ratelimit",
  "ratelimit-policy",
  "retry-after",
  "www-authenticate",
];

/** Words that only a program's inside says: of a stack, of SQL, of a file or a driver. */
const inside =
  /\bat (async )?[\w.<>]+ \(|\.ts:\d|node_modules|file:\/\/|\brelation \\?"|\bcolumn \\?"|\bselect .* from\b|\binsert into\b|postgres|ECONN|\b(Type|Range|Reference|Syntax)Error\b|violates|upstash|undefined|\[object /i;

const problemBytesMax = 16_384;

/** Everything that is wrong with an answer to `operation`; nothing where it is as documented. */
export function faultsOf(api: ApiDocument, operation: Operation, answered: Answered): string[] {
  const { status } = answered;
  const documented = operation.answers[String(status)];
  const always = [
    ...(status >= 500 && !documented ? [`answers ${status}: ${answered.text.slice(0, 300)}`] : []),
    ...wallFaults(answered),
  ];
  if (!documented) return [...always, `status ${status} is not documented`];
  return [
    ...always,
    ...headerFaults(api, documented, answered),
    ...(status >= 400 ? problemFaults(answered) : []),
    ...bodyFaults(api, documented, answered),
  ];
}

/** What keeps a browser from doing more with an answer than it is for. */
function wallFaults({ status, headers }: Answered): string[] {
  const id = headers.has("x-request-id") ? [] : ["carries no x-request-id"];
  if (status === 101) return [];
  // What a caller may keep is read often, and carries the one header that its type needs.
  const isKept = /^(private|public), max-age/.test(headers.get("cache-control") ?? "") &&
    headers.has("etag");
  if (status === 304 && isKept) return id;
  const wanted = isKept ? ["x-content-type-options"] : Object.keys(safeHeaders);
  return [...id, ...wanted.filter((name) => !headers.has(name)).map((name) => `lacks ${name}`)];
}

function headerFaults(api: ApiDocument, { headers }: Answer, answered: Answered): string[] {
  const described = Object.entries(headers).flatMap(([name, { required, schema }]) => {
    const value = answered.headers.get(name);
    if (value === null) return required ? [`lacks the header ${name}`] : [];
    return api.misfits(schema, value).map((what) => `header ${name}: ${value} ${what}`);
  });
  const others = telling.filter((name) => answered.headers.has(name) && !(name in headers))
    .map((name) => `the header ${name} is not documented for ${answered.status}`);
  return [...described, ...others];
}

function problemFaults({ headers, text }: Answered): string[] {
  const faults: string[] = [];
  const leak = inside.exec(text)?.[0];
  if (leak !== undefined) faults.push(`tells of the inside: ${leak}`);
  if (text.length > problemBytesMax) faults.push(`is ${text.length} long`);
  if (headers.get("content-type") !== "application/problem+json") return faults;
  const { instance, type, code } = JSON.parse(text);
  if (instance !== `urn:request:${headers.get("x-request-id")}`) faults.push("names no request");
  if (type !== `/docs/problems#${code}`) faults.push(`is of type ${type}`);
  return faults;
}

function bodyFaults(api: ApiDocument, { content }: Answer, { headers, text }: Answered): string[] {
  const type = headers.get("content-type")?.split(";")[0] ?? "";
  // An answer that is described by words alone may say anything; one of which nothing is said, nothing.
  if (content === undefined) return text === "" || type !== "" ? [] : ["has a body without a type"];
  const found = content[type];
  if (!found) return [`is ${type || "untyped"}, documented is ${Object.keys(content)}`];
  if (!type.endsWith("json")) return [];
  const value = parse(text);
  if (value === undefined) return [`is not JSON: ${text.slice(0, 200)}`];
  return api.misfits(found.schema ?? {}, value).slice(0, 5).map((what) => `does not fit: ${what}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
