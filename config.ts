import { Secret } from "./lib/secret.ts";

/** Turns a setting's text into its value; throws a `TypeError` that says what it must be. */
type Reader<Value> = (text: string) => Value;

/** One setting: its name in the environment, what it is for, and how its text is read. */
interface Setting<Value> {
  name: string;
  group: string;
  about: string;
  /** What `.env.example` shows. */
  example?: string;
  /** Read in place of a missing one. A setting with neither default nor `optional` must be given. */
  default?: string;
  optional?: boolean;
  read: Reader<Value>;
}

// By hand and not by zod: this is read before anything is answered, and loading zod would double that time.
const text: Reader<string> = (given) => given;
const url = matching(/^https?:\/\/[^\s/]+/, "must be an http(s) address", trimSlashes);
const secret: Reader<Secret> = (given) => new Secret(given);
const names: Reader<string[]> = (given) =>
  given.split(",").map((name) => name.trim()).filter(Boolean);
const flag: Reader<boolean> = (given) => oneOf("true", "false")(given) === "true";

function matching<Value>(pattern: RegExp, rule: string, read: Reader<Value>): Reader<Value> {
  return (given) => pattern.test(given) ? read(given) : wrong(rule);
}

function oneOf<Name extends string>(...known: Name[]): Reader<Name> {
  return (given) =>
    known.find((name) => name === given) ?? wrong(`must be one of ${known.join(", ")}`);
}

function someOf<Name extends string>(...known: Name[]): Reader<Name[]> {
  return (given) => names(given).map(oneOf(...known));
}

function whole(min: number, max: number): Reader<number> {
  return matching(/^\d+$/, "must be a whole number", (given) => {
    const value = Number(given);
    return value >= min && value <= max ? value : wrong(`must be ${min} to ${max}`);
  });
}

function trimSlashes(given: string): string {
  return given.replace(/\/+$/, "");
}

function wrong(rule: string): never {
  throw new TypeError(rule);
}

/** What libpq understands and the driver does not: it would hand it to Postgres, which refuses the connection. */
const databaseUrl = matching(
  /^(?!.*[?&](sslrootcert|sslcert|sslkey|sslpassword|channel_binding|require_auth|gssencmode)=)/,
  "must not have sslrootcert (name the file in DENO_CERT), sslcert, sslkey, sslpassword, channel_binding, require_auth or gssencmode",
  matching(
    /^(?!.*[?&]target_session_attrs=(?!read-write(&|$)))/,
    "must have target_session_attrs=read-write or none",
    secret,
  ),
);

/** `100/900`: so many in so many seconds. */
const quota = matching(
  /^[1-9]\d{0,8}\/[1-9]\d{0,5}$/,
  "must be like 100/900: so many in so many seconds",
  (given) => {
    const [limit = 0, seconds = 0] = given.split("/").map(Number);
    return { limit, windowMs: seconds * 1_000 };
  },
);

/** At least 32 bytes in base64, from which keys for tokens and for encryption are derived. */
const appSecret = matching(
  /^[A-Za-z0-9+/_-]{43,}={0,2}$/,
  "must be 32 bytes or more in base64",
  secret,
);

/** Every setting there is. `.env.example` is written from this list, and a test keeps the two equal. */
export const settings = {
  host: setting({
    name: "HOST",
    group: "Server",
    about: "Address to listen on.",
    default: "127.0.0.1",
    read: text,
  }),
  port: setting({
    name: "PORT",
    group: "Server",
    about: "Port to listen on.",
    default: "8000",
    read: whole(0, 65_535),
  }),
  publicUrl: setting({
    name: "PUBLIC_URL",
    group: "Server",
    about:
      "Where phones, QStash and vendors reach us. Links and signatures are made and checked with it.",
    example: "https://api.example.com",
    read: url,
  }),
  appSecret: setting({
    name: "APP_SECRET",
    group: "Server",
    about:
      "32 random bytes in base64. Token and encryption keys are derived from it: `openssl rand -base64 32`.",
    example: "",
    read: appSecret,
  }),
  release: setting({
    name: "RELEASE",
    group: "Server",
    about:
      "The version or commit that runs; stands in the event that a process writes when it starts.",
    optional: true,
    read: text,
  }),
  logLevel: setting({
    name: "LOG_LEVEL",
    group: "Server",
    about: "debug, info, warn or error.",
    default: "info",
    read: oneOf("debug", "info", "warn", "error"),
  }),
  logFormat: setting({
    name: "LOG_FORMAT",
    group: "Server",
    about: "json for machines, text for people.",
    default: "json",
    read: oneOf("json", "text"),
  }),
  metricsToken: setting({
    name: "METRICS_TOKEN",
    group: "Server",
    about:
      "What a scraper of /metrics sends as its bearer token. Without one only this machine is answered.",
    optional: true,
    read: secret,
  }),
  corsOrigins: setting({
    name: "CORS_ORIGINS",
    group: "Server",
    about: "Origins whose pages may call the API, separated by commas; none by default.",
    default: "",
    read: names,
  }),
  trustedProxies: setting({
    name: "TRUSTED_PROXIES",
    group: "Server",
    about:
      "How many proxies of ours stand in front; that many entries of X-Forwarded-For are believed.",
    default: "0",
    read: whole(0, 5),
  }),
  appVersionsMin: setting({
    name: "APP_VERSIONS_MIN",
    group: "Server",
    about:
      "The least version of each app that is served, such as ios:1.4,android:2.0; older ones are told to update.",
    default: "",
    read: matching(
      /^([a-z][a-z0-9]*:\d{1,9}(\.\d{1,9}){0,3}(\s*,\s*|$))*$/,
      "must be platforms with versions, such as ios:1.4,android:2.0",
      names,
    ),
  }),
  databaseUrl: setting({
    name: "DATABASE_URL",
    group: "Postgres",
    about:
      "Postgres 15 or newer; several hosts with commas between. `?sslmode=verify-full` checks its certificate; name your own authority's file in DENO_CERT.",
    example: "postgres://almanac:password@db.example.com:5432/almanac",
    read: matching(/^postgres(ql)?:\/\//, "must begin with postgres://", databaseUrl),
  }),
  databasePoolMax: setting({
    name: "DATABASE_POOL_MAX",
    group: "Postgres",
    about: "Connections of one process at most.",
    default: "20",
    read: whole(1, 20),
  }),
  databasePrepare: setting({
    name: "DATABASE_PREPARE",
    group: "Postgres",
    about: "false behind a pooler in transaction mode, such as PgBouncer.",
    default: "true",
    read: flag,
  }),
  databaseDeadlineMs: setting({
    name: "DATABASE_DEADLINE_MS",
    group: "Postgres",
    about:
      "The longest that the transaction of a request may take. A job's may take ten times as long.",
    default: "3000",
    read: whole(100, 60_000),
  }),
  redisUrl: setting({
    name: "UPSTASH_REDIS_REST_URL",
    group: "Upstash",
    about: "Upstash Redis, REST address.",
    example: "https://example.upstash.io",
    read: url,
  }),
  redisToken: setting({
    name: "UPSTASH_REDIS_REST_TOKEN",
    group: "Upstash",
    about: "Its token.",
    read: secret,
  }),
  redisDeadlineMs: setting({
    name: "REDIS_DEADLINE_MS",
    group: "Upstash",
    about: "The longest that a call to Redis may take.",
    default: "250",
    read: whole(10, 5_000),
  }),
  qstashUrl: setting({
    name: "QSTASH_URL",
    group: "Upstash",
    about: "QStash.",
    default: "https://qstash.upstash.io",
    read: url,
  }),
  qstashToken: setting({
    name: "QSTASH_TOKEN",
    group: "Upstash",
    about: "Its token.",
    read: secret,
  }),
  qstashCurrentSigningKey: setting({
    name: "QSTASH_CURRENT_SIGNING_KEY",
    group: "Upstash",
    about: "The key that QStash signs with.",
    read: secret,
  }),
  qstashNextSigningKey: setting({
    name: "QSTASH_NEXT_SIGNING_KEY",
    group: "Upstash",
    about: "The key that it signs with after a rotation.",
    read: secret,
  }),
  jobsAtOnce: setting({
    name: "JOBS_AT_ONCE",
    group: "Upstash",
    about:
      "How many long jobs one process works on at once; more are told to come again. Short ones take half of the pool.",
    default: "50",
    read: whole(1, 1_000),
  }),
  limitAnonymous: setting({
    name: "LIMIT_ANONYMOUS",
    group: "Limits",
    about:
      "Calls of whoever is not signed in, by address. So many in so many seconds, as all of these.",
    default: "100/900",
    read: quota,
  }),
  limitReads: setting({
    name: "LIMIT_READS",
    group: "Limits",
    about: "Reads of a person who is signed in.",
    default: "1200/60",
    read: quota,
  }),
  limitWrites: setting({
    name: "LIMIT_WRITES",
    group: "Limits",
    about: "Writes of a person who is signed in.",
    default: "120/60",
    read: quota,
  }),
  limitSimulations: setting({
    name: "LIMIT_SIMULATIONS",
    group: "Limits",
    about: "Simulations that a person starts.",
    default: "60/3600",
    read: quota,
  }),
  limitStreams: setting({
    name: "LIMIT_STREAMS",
    group: "Limits",
    about: "Live streams that are opened, by address.",
    default: "600/60",
    read: quota,
  }),
  limitSignIn: setting({
    name: "LIMIT_SIGN_IN",
    group: "Limits",
    about: "Tries to sign in to one account.",
    default: "10/900",
    read: quota,
  }),
  limitSignInAddress: setting({
    name: "LIMIT_SIGN_IN_ADDRESS",
    group: "Limits",
    about: "Tries to sign in or to register, by address.",
    default: "100/900",
    read: quota,
  }),
  limitRefresh: setting({
    name: "LIMIT_REFRESH",
    group: "Limits",
    about: "Refreshes of one session.",
    default: "30/900",
    read: quota,
  }),
  limitForgeries: setting({
    name: "LIMIT_FORGERIES",
    group: "Limits",
    about: "Forged tokens and signatures, by address. Genuine ones are never counted.",
    default: "100/900",
    read: quota,
  }),
  marketProviders: setting({
    name: "MARKET_PROVIDERS",
    group: "Market data",
    about:
      "Sources of prices in the order in which they are asked: yahoo, demo (a synthetic market).",
    default: "demo",
    read: someOf("yahoo", "demo"),
  }),
  yahooUrl: setting({
    name: "YAHOO_URL",
    group: "Market data",
    about: "Yahoo's chart endpoint.",
    default: "https://query1.finance.yahoo.com",
    read: url,
  }),
  alertSweepSeconds: setting({
    name: "ALERT_SWEEP_SECONDS",
    group: "Market data",
    about:
      "How often alerts are judged. 60 suits QStash's free plan, whose daily messages 5 would use up.",
    default: "60",
    read: whole(1, 3_600),
  }),
  sendgridUrl: setting({
    name: "SENDGRID_URL",
    group: "Notifications",
    about: "SendGrid's API.",
    default: "https://api.sendgrid.com",
    read: url,
  }),
  sendgridApiKey: setting({
    name: "SENDGRID_API_KEY",
    group: "Notifications",
    about: "Its key. Without one no mail is sent.",
    optional: true,
    read: secret,
  }),
  sendgridWebhookKey: setting({
    name: "SENDGRID_WEBHOOK_PUBLIC_KEY",
    group: "Notifications",
    about: "The public key of its signed event webhook. Without one receipts are refused.",
    optional: true,
    read: text,
  }),
  mailFrom: setting({
    name: "MAIL_FROM",
    group: "Notifications",
    about: "Sender of mails: a verified address.",
    default: "hello@almanac.example",
    read: matching(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "must be an e-mail address", text),
  }),
};

type Read<S> = S extends Setting<infer Value> & { optional: true } ? Value | undefined
  : S extends Setting<infer Value> ? Value
  : never;

/** The settings as the program uses them. Secrets print as `***`. */
export type Settings = { [Key in keyof typeof settings]: Read<(typeof settings)[Key]> };

/** A setting that is missing or cannot be read; the message names all of them. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * Reads every setting, the only place that does. Throws one `ConfigError` that names all that is wrong.
 * Refuses to go on with `QSTASH_DEV`: it makes the SDK trust a signing key that everybody knows.
 */
export function readConfig(env: (name: string) => string | undefined): Settings {
  const faults: string[] = env("QSTASH_DEV") === undefined ? [] : ["QSTASH_DEV must not be set"];
  const values: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(settings) as [string, Setting<unknown>][]) {
    const given = env(entry.name) || entry.default;
    if (given === undefined && entry.optional) continue;
    if (given === undefined) {
      faults.push(`${entry.name} is missing: ${entry.about}`);
      continue;
    }
    try {
      values[key] = entry.read(given);
    } catch (error) {
      faults.push(`${entry.name}: ${(error as Error).message}`);
    }
  }
  if (faults.length > 0) {
    throw new ConfigError(`The settings are not complete:\n  ${faults.join("\n  ")}`);
  }
  return values as Settings;
}

/** The address of the database alone, for programs that need no other setting; undefined where it is not set. */
export function readDatabaseUrl(env: (name: string) => string | undefined): string | undefined {
  return env(settings.databaseUrl.name) || undefined;
}

/** The text of `.env.example`: every setting with what it is for, commented out where it has a default. */
export function renderEnvExample(): string {
  const groups = Map.groupBy(Object.values(settings) as Setting<unknown>[], ({ group }) => group);
  const parts = [...groups].map(([group, entries]) => {
    const lines = entries.map((entry) => {
      const open = entry.default === undefined && !entry.optional;
      return `# ${entry.about}\n${open ? "" : "# "}${entry.name}=${
        entry.example ?? entry.default ?? ""
      }\n`;
    });
    return `## ${group}\n\n${lines.join("\n")}`;
  });
  return `# Every setting of Almanac. Lines without # must be filled in.\n\n${parts.join("\n")}`;
}

function setting<Value, S extends Setting<Value>>(entry: S & Setting<Value>): S {
  return entry;
}
