import type { RunningPostgres } from "./postgres/mod.ts";
import type { StandIns } from "./stand_ins.ts";

interface Started {
  appUrl: string;
  standIns: StandIns;
  postgres: RunningPostgres;
  elapsedMs: number;
}

/** What a developer sees once everything runs: where to look, and how to sign in. */
export function welcome({ appUrl, standIns, postgres, elapsedMs }: Started): string {
  const { redis, qstash, sendgrid, yahoo } = standIns;
  const started = [
    [`redis (${redis.backend})`, redis.url, redis.elapsedMs],
    ["qstash", qstash.url, qstash.elapsedMs],
    ["sendgrid", sendgrid.url, sendgrid.elapsedMs],
    ["yahoo", yahoo.url, yahoo.elapsedMs],
  ] as const;
  return `
${
    started.map(([name, url, ms]) => `  ${name.padEnd(18)} ${url.padEnd(28)} ${ms.toFixed(0)} ms`)
      .join("\n")
  }
  ${"postgres".padEnd(18)} ${hideSecret(postgres.url)}

  API          ${appUrl}/docs
  Mail outbox  ${sendgrid.url}
  Queue        ${qstash.url}
  Sign in      michael.client@demo.com / Demo123!   (also john.advisor, sarah.planner, demo.user)
  Walk it all  deno task demo

ready in ${
    elapsedMs.toFixed(0)
  } ms. Ctrl-C stops everything; data is kept (deno task dev --fresh starts anew).
`;
}

function hideSecret(url: string): string {
  return url.replace(/:[^:@/]+@/, ":***@");
}
