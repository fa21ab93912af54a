import assert from "node:assert/strict";
import { ConfigError, readConfig, renderEnvExample, settings } from "../config.ts";

const complete: Record<string, string> = {
  PUBLIC_URL: "https://api.example.com",
  APP_SECRET: "c2VjcmV0LWNhbmFyeS1zZWNyZXQtY2FuYXJ5LXNlY3JldA==",
  DATABASE_URL: "postgres://almanac:password-canary@db.example.com:5432/almanac",
  UPSTASH_REDIS_REST_URL: "https://example.upstash.io/",
  UPSTASH_REDIS_REST_TOKEN: "redis-canary",
  QSTASH_TOKEN: "qstash-canary",
  QSTASH_CURRENT_SIGNING_KEY: "current-canary",
  QSTASH_NEXT_SIGNING_KEY: "next-canary",
  SENDGRID_API_KEY: "sendgrid-canary",
};

function read(changes: Record<string, string | undefined> = {}) {
  const env = { ...complete, ...changes };
  return readConfig((name) => env[name as keyof typeof env]);
}

/** The lines of what is wrong. */
function complaints(changes: Record<string, string | undefined>): string[] {
  try {
    read(changes);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message.split("\n").slice(1).map((line) => line.trim());
  }
  return [];
}

Deno.test("every setting that is missing is named at once, with what it is for", () => {
  const required = Object.values(settings).filter((entry) =>
    !("default" in entry) && !("optional" in entry)
  );
  assert.ok(required.length >= 8);
  try {
    readConfig(() => undefined);
    assert.fail("it went on without settings");
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    for (const { name, about } of required) {
      assert.ok(error.message.includes(`${name} is missing: ${about}`), name);
    }
    assert.equal(error.message.split("\n").length, required.length + 1);
  }
});

const wrong: [name: string, given: string, says: RegExp][] = [
  ["PORT", "65536", /PORT: /],
  ["PORT", "80a", /PORT: must be a whole number/],
  ["PORT", "-1", /PORT: /],
  ["PUBLIC_URL", "api.example.com", /PUBLIC_URL: must be an http/],
  ["PUBLIC_URL", "javascript:alert(1)", /PUBLIC_URL: /],
  ["APP_SECRET", "short", /APP_SECRET: must be 32 bytes/],
  ["APP_SECRET", "password".repeat(10) + "!", /APP_SECRET: /],
  ["DATABASE_URL", "mysql://x", /DATABASE_URL: must begin with postgres/],
  ["DATABASE_URL", "postgres://u@h/d?sslmode=verify-full&sslrootcert=/ca.pem", /DENO_CERT/],
  ["DATABASE_URL", "postgres://u@h/d?channel_binding=require", /must not have .*channel_binding/],
  ["DATABASE_URL", "postgres://u@h,i/d?target_session_attrs=standby", /=read-write or none/],
  ["DATABASE_POOL_MAX", "21", /DATABASE_POOL_MAX: /],
  ["LIMIT_READS", "1200", /LIMIT_READS: must be like 100\/900/],
  ["LIMIT_READS", "0/60", /LIMIT_READS: /],
  ["LIMIT_READS", "10/0", /LIMIT_READS: /],
  ["LIMIT_READS", "10/1m", /LIMIT_READS: /],
  ["DATABASE_PREPARE", "yes", /DATABASE_PREPARE: /],
  ["LOG_LEVEL", "loud", /LOG_LEVEL: /],
  ["TRUSTED_PROXIES", "6", /TRUSTED_PROXIES: /],
  ["APP_VERSIONS_MIN", "ios=1.4", /APP_VERSIONS_MIN: must be platforms/],
  ["APP_VERSIONS_MIN", "ios:1.4,android:new", /APP_VERSIONS_MIN: /],
  ["MAIL_FROM", "nobody", /MAIL_FROM: /],
  ["ALERT_SWEEP_SECONDS", "9999", /ALERT_SWEEP_SECONDS: /],
];

Deno.test("a setting that cannot be read is named, and what was given is not repeated", () => {
  for (const [name, given, says] of wrong) {
    const [line = "", ...others] = complaints({ [name]: given });
    assert.match(line, says);
    assert.deepEqual(others, [], name);
    assert.ok(!line.includes(given), line);
  }
  const several = complaints({ PORT: "x", LOG_LEVEL: "loud", QSTASH_TOKEN: undefined });
  assert.equal(several.length, 3);
});

Deno.test("QSTASH_DEV is refused whatever it says: it makes the SDK trust a key that everybody knows", () => {
  for (const given of ["true", "false", "0", ""]) {
    assert.deepEqual(complaints({ QSTASH_DEV: given }), ["QSTASH_DEV must not be set"]);
  }
});

Deno.test("secrets are not printed, in whatever way the settings are printed", () => {
  const config = read();
  const printed = [
    JSON.stringify(config),
    Deno.inspect(config, { depth: 9, showHidden: true }),
    Object.values(config).map(String).join(),
    `${config.appSecret}${config.databaseUrl}`,
  ].join("\n");
  for (const value of Object.values(complete)) {
    const secret = value.includes("canary") || value === complete.APP_SECRET;
    if (secret) assert.ok(!printed.includes(value), value);
  }
  assert.ok(!printed.includes("canary"));
  assert.equal(config.redisToken.reveal(), "redis-canary");
});

Deno.test("defaults hold where nothing, or nothing but an empty text, is given", () => {
  for (const given of [undefined, ""]) {
    const config = read({ PORT: given, CORS_ORIGINS: given, SENDGRID_WEBHOOK_PUBLIC_KEY: given });
    assert.equal(config.port, 8_000);
    assert.deepEqual(config.corsOrigins, []);
    assert.equal(config.sendgridWebhookKey, undefined);
  }
});

Deno.test("addresses lose their closing slash and lists their spaces, so that nothing is joined wrongly", () => {
  const config = read({
    PUBLIC_URL: "https://api.example.com//",
    CORS_ORIGINS: " https://a.example , https://b.example,",
  });
  assert.equal(config.publicUrl, "https://api.example.com");
  assert.equal(config.redisUrl, "https://example.upstash.io");
  assert.deepEqual(config.corsOrigins, ["https://a.example", "https://b.example"]);
});

Deno.test(".env.example says what config.ts says", async () => {
  const file = new URL("../.env.example", import.meta.url);
  assert.equal(await Deno.readTextFile(file), renderEnvExample());
});

Deno.test(".env.example filled in is complete, and holds each setting once", () => {
  const lines = renderEnvExample().split("\n");
  const names = lines.flatMap((line) => /^(?:# )?([A-Z_]+)=/.exec(line)?.[1] ?? []);
  assert.deepEqual(names.toSorted(), Object.values(settings).map(({ name }) => name).toSorted());
  const open = lines.flatMap((line) => /^([A-Z_]+)=/.exec(line)?.[1] ?? []);
  const env = Object.fromEntries(open.map((name) => [name, complete[name]]));
  assert.ok(readConfig((name) => env[name]));
});
