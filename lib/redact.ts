import { describeError } from "./error_fields.ts";
import { Personal } from "./personal.ts";

const hidden = "***";

/** Names under which nothing is ever printed, in lower case without `-` and `_`: a second net behind the types. */
const secretNames = new Set([
  "apikey",
  "apisecret",
  "appsecret",
  "accesstoken",
  "authorization",
  "clientsecret",
  "cookie",
  "credential",
  "credentials",
  "databaseurl",
  "email",
  "emailaddress",
  "iban",
  "idtoken",
  "passphrase",
  "password",
  "passwd",
  "phone",
  "phonenumber",
  "privatekey",
  "proxyauthorization",
  "refreshtoken",
  "secret",
  "setcookie",
  "ssn",
  "token",
  "upstashsignature",
  "xapikey",
]);

const namesMax = 1_000;
const judged = new Map<string, boolean>();

/** Whether a field may not be printed, by its name alone. */
function isSecretName(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const isSecret = secretNames.has(name.toLowerCase().replace(/[-_]/g, ""));
  // Names in data may be anybody's; those in our code are few, and are remembered first.
  if (judged.size < namesMax) judged.set(name, isSecret);
  return isSecret;
}

/**
 * A value as JSON, without secrets and personal data; undefined for what JSON leaves out. A plain value needs no
 * replacer, which costs ten times as much as the rest.
 */
export function safeJson(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (isSecretName(name) && !(value instanceof Personal)) return `"${hidden}"`;
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? String(value) : "null";
    case "boolean":
      return value ? "true" : "false";
    case "bigint":
      return `"${value}"`;
    case "object":
      return value === null ? "null" : deepJson(value);
    default:
      return undefined;
  }
}

/** What JSON refuses, such as a circle, must not cost the whole line. */
function deepJson(value: object): string | undefined {
  try {
    return JSON.stringify(value, replace);
  } catch {
    return '"(cannot be printed)"';
  }
}

/** Looks at the value itself, since JSON has already asked its `toJSON` for what is handed in. */
function replace(this: unknown, name: string, value: unknown): unknown {
  const raw = (this as Record<string, unknown>)[name];
  // It masks itself, and says more than three stars.
  if (raw instanceof Personal) return value;
  if (name !== "" && isSecretName(name)) return value === undefined ? undefined : hidden;
  if (typeof value === "bigint") return value.toString();
  if (typeof raw !== "object" || raw === null) return value;
  if (raw instanceof Error) return describeError(raw);
  // Its query and its user may be a key.
  if (raw instanceof URL) return raw.origin + raw.pathname;
  return ArrayBuffer.isView(raw) ? `(${raw.byteLength} bytes)` : value;
}
