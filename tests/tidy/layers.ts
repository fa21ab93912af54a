import { type Import, importsOf, localImports } from "./imports.ts";
import { domains, type Place, placeOf } from "./places.ts";
import type { Rule, Violation } from "./rule.ts";

/** Packages that only calculate, so that a model may use them. */
const PURE_PACKAGES = new Set(["croner", "zod"]);

export const libImportsNothing: Rule = {
  guarantee: "lib and data import nothing of ours",
  check: (sources) =>
    localImports(sources).flatMap((entry) => {
      const { layer } = placeOf(entry.from);
      const ownLayer = placeOf(entry.to).layer === layer;
      if (!["lib", "data"].includes(layer) || ownLayer) return [];
      return [wrong(entry, `${layer} knows no domain: hand in what it needs from ${entry.to}`)];
    }),
  broken: [
    { tree: { "lib/money.ts": 'import { x } from "../services/ctx.ts";' }, at: ["lib/money.ts:1"] },
    { tree: { "data/returns.ts": '\nimport "../lib/money.ts";' }, at: ["data/returns.ts:2"] },
    {
      tree: { "lib/log.ts": 'export type {\n  C,\n} from "../config.ts";' },
      at: ["lib/log.ts:1"],
    },
    { tree: { "lib/log.ts": 'await import("../deps.ts");' }, at: ["lib/log.ts:1"] },
  ],
  kept: {
    "lib/money.ts": 'import { fail } from "./errors.ts";\nimport { z } from "zod";',
    "lib/ids.ts": '// import { x } from "../deps.ts";\nconst s = `import "../deps.ts"`;',
  },
};

export const modelsImportModels: Rule = {
  guarantee:
    "a model imports lib, data, its own files and the models of other domains, nothing else",
  check: (sources) => {
    const inModels = sources.filter(({ path }) => isModel(placeOf(path)));
    return importsOf(inModels).filter((entry) => !isForModels(entry)).map((entry) =>
      wrong(entry, `a model only calculates: hand in what ${entry.to} gives, or use a model/mod.ts`)
    );
  },
  broken: [
    {
      tree: { "services/risk/model/var.ts": 'import type { Ctx } from "../../ctx.ts";' },
      at: ["services/risk/model/var.ts:1"],
    },
    {
      tree: { "services/risk/model/var.ts": 'import { find } from "../store.ts";' },
      at: ["services/risk/model/var.ts:1"],
    },
    {
      tree: { "services/plans/model/a.ts": 'import { x } from "../../risk/model/var.ts";' },
      at: ["services/plans/model/a.ts:1"],
    },
    {
      tree: { "services/plans/model/a.ts": 'import { type Plan, months } from "../schema.ts";' },
      at: ["services/plans/model/a.ts:1"],
    },
    {
      tree: { "services/plans/model/a.ts": 'import type { Bar } from "../../risk/schema.ts";' },
      at: ["services/plans/model/a.ts:1"],
    },
    {
      tree: { "services/plans/model/a.ts": 'import { readFile } from "node:fs";' },
      at: ["services/plans/model/a.ts:1"],
    },
  ],
  kept: {
    "services/plans/model/a.ts":
      'import "./b.ts";\nimport "../../risk/model/mod.ts";\nimport "../../../lib/stats.ts";\n' +
      'import { returns } from "../../../data/returns.ts";\nimport { Cron } from "croner";\n' +
      'import { type Plan } from "../schema.ts";\nconst said = "starts later than from";\nf("a");',
  },
};

export const domainsHaveDoors: Rule = {
  guarantee: "a domain is entered by its mod.ts, its hot.ts or its model/mod.ts, nothing else",
  check: (sources) =>
    localImports(sources).flatMap((entry) => {
      const from = placeOf(entry.from);
      const to = placeOf(entry.to);
      if (to.domain === undefined || to.domain === from.domain) return [];
      // What tries or measures a part looks at it from inside.
      if (from.layer === "tests" || from.layer === "bench") return [];
      if (
        ["mod.ts", "hot.ts", "model/mod.ts"].includes(to.inside) || openedByDeps(entry, to)
      ) return [];
      return [wrong(entry, `export it from services/${to.domain}/mod.ts and import it there`)];
    }),
  broken: [
    {
      tree: {
        "routes/alerts.ts": 'import { createAlert } from "../services/alerts/create_alert.ts";',
      },
      at: ["routes/alerts.ts:1"],
    },
    {
      tree: { "services/alerts/trigger.ts": 'import type { Row } from "../jobs/schema.ts";' },
      at: ["services/alerts/trigger.ts:1"],
    },
    {
      tree: { "services/ctx.ts": 'import type { Queue } from "./jobs/ports.ts";' },
      at: ["services/ctx.ts:1"],
    },
  ],
  kept: {
    "routes/alerts.ts": 'import { createAlert } from "../services/alerts/mod.ts";',
    "routes/hot.ts": 'import { getPlan } from "../services/plans/hot.ts";',
    "services/alerts/create_alert.ts":
      'import { find } from "./store.ts";\nimport { sma } from "../market_data/model/mod.ts";',
    "deps.ts": 'import { createYahoo } from "./services/market_data/providers/yahoo/mod.ts";',
    "tests/services/alerts/store_test.ts": 'import "../../../services/alerts/store.ts";',
    "bench/alerts.ts": 'import "../services/alerts/store.ts";',
  },
};

export const domainsInOrder: Rule = {
  guarantee: "a domain imports earlier domains only, and tells later ones by an outbox row",
  check: (sources) => [
    ...sources.flatMap(({ path }) => {
      const { domain } = placeOf(path);
      if (domain === undefined || domains.includes(domain)) return [];
      return [{ path, line: 1, message: `give ${domain} its place in tests/tidy/places.ts` }];
    }),
    ...localImports(sources).flatMap((entry) => {
      const from = placeOf(entry.from).domain;
      const to = placeOf(entry.to).domain;
      if (from === undefined || to === undefined) return [];
      if (domains.indexOf(to) <= domains.indexOf(from)) return [];
      return [wrong(entry, `${to} comes after ${from}: write a job to the outbox instead`)];
    }),
    ...localImports(sources).flatMap((entry) => {
      const from = placeOf(entry.from);
      const isBelowDomains = from.layer === "services" && from.domain === undefined;
      if (!isBelowDomains || placeOf(entry.to).domain === undefined || entry.typeOnly) return [];
      return [
        wrong(entry, `every domain stands on this file: it may know ${entry.to} by type only`),
      ];
    }),
  ],
  broken: [
    {
      tree: { "services/auth/sign_in.ts": 'import { notify } from "../notifications/mod.ts";' },
      at: ["services/auth/sign_in.ts:1"],
    },
    { tree: { "services/astrology/mod.ts": "" }, at: ["services/astrology/mod.ts:1"] },
    {
      tree: { "services/ctx.ts": 'import { findUser } from "./auth/mod.ts";' },
      at: ["services/ctx.ts:1"],
    },
  ],
  kept: {
    "services/alerts/trigger_alerts.ts": 'import { notify } from "../notifications/mod.ts";',
    "services/jobs/mod.ts": 'export { enqueueJob } from "./enqueue_job.ts";',
    "services/ctx.ts": 'import type { Queue } from "./jobs/mod.ts";',
  },
};

/** What each layer may import of ours; files at the root and tooling are named where they are let in. */
const MAY_IMPORT: Record<string, RegExp> = {
  services: /^(lib|data|services)\//,
  routes: /^(lib|data|services|routes)\//,
  workers: /^(lib|data|services|workers)\//,
};

/** Types that the composition root gives to those below it. */
const ROOT_TYPES = /^(config|deps)\.ts$/;

export const layersInOrder: Rule = {
  guarantee: "services know no routes and no workers, and those two do not know each other",
  check: (sources) =>
    localImports(sources).flatMap((entry) => {
      const { layer } = placeOf(entry.from);
      const allowed = MAY_IMPORT[layer];
      const isRootType = entry.typeOnly && ROOT_TYPES.test(entry.to);
      if (allowed === undefined || allowed.test(entry.to) || isRootType) return [];
      return [wrong(entry, `${layer} may not import ${entry.to}: move what both need to services`)];
    }),
  broken: [
    {
      tree: { "services/alerts/a.ts": 'import { app } from "../../routes/mod.ts";' },
      at: ["services/alerts/a.ts:1"],
    },
    { tree: { "routes/a.ts": 'import { jobs } from "../workers/mod.ts";' }, at: ["routes/a.ts:1"] },
    { tree: { "workers/a.ts": 'import { app } from "../routes/mod.ts";' }, at: ["workers/a.ts:1"] },
    { tree: { "workers/a.ts": 'import { openDeps } from "../deps.ts";' }, at: ["workers/a.ts:1"] },
    { tree: { "routes/a.ts": 'import { seed } from "../dev/seed.ts";' }, at: ["routes/a.ts:1"] },
  ],
  kept: {
    "routes/mod.ts": 'import type { Deps } from "../deps.ts";\nimport "./http/errors.ts";',
    "workers/a.ts": 'import { trigger } from "../services/alerts/mod.ts";',
    "main.ts": 'import "./routes/mod.ts";\nimport "./workers/mod.ts";',
  },
};

export const productWithoutTooling: Rule = {
  guarantee: "the product runs without its tooling: nothing in it imports dev, tests or bench",
  check: (sources) =>
    localImports(sources).flatMap((entry) => {
      const isTooling = (path: string) => ["dev", "tests", "bench"].includes(placeOf(path).layer);
      if (isTooling(entry.from) || !isTooling(entry.to)) return [];
      return [wrong(entry, `${entry.to} is not shipped: move what is needed to lib or services`)];
    }),
  broken: [{ tree: { "main.ts": 'import "./dev/seed.ts";' }, at: ["main.ts:1"] }],
  kept: { "dev/main.ts": 'import "../tests/support/app.ts";\nimport "../main.ts";' },
};

function wrong({ from, line }: Import, message: string): Violation {
  return { path: from, line, message };
}

function isModel({ domain, inside }: Place): boolean {
  return domain !== undefined && inside.startsWith("model/");
}

/** The words of its own domain, the types of schema.ts, are a model's too: nothing of them runs. */
function isForModels(entry: Import): boolean {
  if (!entry.isLocal) return PURE_PACKAGES.has(entry.to);
  const to = placeOf(entry.to);
  if (to.layer === "lib" || to.layer === "data") return true;
  const ownDomain = to.domain === placeOf(entry.from).domain;
  if (ownDomain && to.inside === "schema.ts") return entry.typeOnly;
  return isModel(to) && (ownDomain || to.inside === "model/mod.ts");
}

/** deps.ts is the one file that knows every adapter, so it may open the folder of a vendor. */
function openedByDeps(entry: Import, to: Place): boolean {
  return entry.from === "deps.ts" && /^providers\/(\w+\/)?mod\.ts$/.test(to.inside);
}
