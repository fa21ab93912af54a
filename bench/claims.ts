/** How fast what waits is claimed by many at once, and how much of it what we keep with a row costs. */
import postgres from "postgres";
import { startEngines } from "../dev/engines.ts";
import { type Backlog, bare, notifications, outbox } from "./claims/backlog.ts";
import { claimers, drain, openClaimers } from "./claims/drain.ts";
import { openSender, postMails, sampleMail, sendBacklog } from "./claims/send.ts";
import { type Figure, figure } from "./figure.ts";
import type { BenchOptions } from "./mod.ts";
import { interleave, median } from "./rounds.ts";
import { startServer } from "./servers.ts";

const rowCount = 200_000;
const bar = 20_000;
const runsMax = 3;

/** Both claims of the product by turns with a bare one, on tables that are filled anew before each. */
export async function* benchClaims({ rounds }: BenchOptions): AsyncGenerator<Figure> {
  await using resources = new AsyncDisposableStack();
  const engines = resources.adopt(
    await startEngines({ name: "bench", port: 0, fresh: true, report() {} }),
    ({ stop }) => stop(),
  );
  const { url } = engines.postgres;
  const owner = resources.adopt(postgres(url, { max: 1, onnotice() {} }), (sql) => sql.end());
  const database = resources.adopt(openClaimers(url), ({ close }) => close());
  const measure = (backlog: Backlog) => async () => {
    await backlog.fill(owner, rowCount);
    await owner`checkpoint`;
    return await drain(database, backlog, rowCount);
  };
  const runs = Math.min(rounds, runsMax);
  const rates = await interleave({
    notifications: measure(notifications),
    outbox: measure(outbox),
    bare: measure(bare),
  }, runs);
  const bareRate = median(rates.bare ?? []);
  for (const name of ["notifications", "outbox"]) {
    const values = rates[name] ?? [];
    const measured = {
      bench: "claims",
      what: `${name} claimed by ${claimers} at once`,
      value: median(values),
      unit: "rows/s",
      better: "higher",
      runs: values.length,
    } as const;
    yield figure({ ...measured, against: "bar", other: bar });
    yield figure({ ...measured, against: "B0", other: bareRate });
  }
  yield await sendFigure({ env: engines.env, owner, runs });
}

interface SendWorld {
  env: Record<string, string>;
  owner: postgres.Sql;
  runs: number;
}

/** The whole way of a mail: claimed, composed, posted, settled. */
async function sendFigure({ env, owner, runs }: SendWorld): Promise<Figure> {
  const apiKey = env.SENDGRID_API_KEY ?? "";
  await using resources = new AsyncDisposableStack();
  const vendor = resources.adopt(
    await startServer("bench/servers/sendgrid.ts", apiKey),
    ({ stop }) => stop(),
  );
  const url = `http://127.0.0.1:${vendor.hello.port}`;
  const deps = resources.adopt(
    openSender({ ...env, SENDGRID_URL: url }),
    ({ close }) => close(),
  );
  const rates = await interleave({
    slot: () => sendBacklog(deps, owner),
    posts: () => postMails(url, apiKey, sampleMail),
  }, runs);
  return figure({
    bench: "claims",
    what: "mails sent by one slot",
    value: median(rates.slot ?? []),
    unit: "mails/s",
    against: "B1",
    other: median(rates.posts ?? []),
    better: "higher",
    runs,
  });
}
