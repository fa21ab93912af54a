import { lineAt, mask } from "../../dev/source/mask.ts";
import type { Source } from "../../dev/source/tree.ts";
import type { Rule } from "./rule.ts";

interface NamedJob {
  name: string;
  path: string;
  line: number;
}

const defined = 'export const sweep = defineJob({\n  name: "sweep_alerts",\n});\n';

export const askedJobsExist: Rule = {
  guarantee: "a job that is asked for is a job that workers have",
  check: (sources) => {
    const known = new Set(definedJobs(sources).map(({ name }) => name));
    return askedJobs(sources).filter(({ name }) => !known.has(name)).map((
      { name, path, line },
    ) => ({
      path,
      line,
      message: `define ${name} in workers, or ask for one that is defined there`,
    }));
  },
  broken: [
    {
      tree: { "services/alerts/a.ts": 'await enqueueJob(ctx, {\n  job: "sweep_alerts",\n});' },
      at: ["services/alerts/a.ts:2"],
    },
  ],
  kept: {
    "workers/alerts.ts": defined,
    "services/alerts/a.ts": 'await enqueueJob(ctx, { job: "sweep_alerts", key: id });',
    "services/alerts/b.ts":
      '// enqueueJob(ctx, { job: "gone" })\nconst row = { job: "not_asked_for" };',
    "tests/workers/sweep_alerts_test.ts": "",
  },
};

export const jobsAreTested: Rule = {
  guarantee: "every job has a test that names it",
  check: (sources) => {
    const tests = sources.filter(({ path }) => /^tests\/.*_test\.ts$/.test(path));
    return definedJobs(sources).filter(({ name }) =>
      !tests.some(({ path, text }) =>
        path === `tests/workers/${name}_test.ts` || text.includes(`"${name}"`)
      )
    ).map(({ name, path, line }) => ({
      path,
      line,
      message: `test ${name} in tests/workers/${name}_test.ts, or name it where it is tested`,
    }));
  },
  broken: [{ tree: { "workers/alerts.ts": defined }, at: ["workers/alerts.ts:2"] }],
  kept: {
    "workers/alerts.ts": defined,
    "workers/mod.ts": 'const purge = defineJob({ name: "purge" });',
    "tests/workers/sweep_alerts_test.ts": "",
    "tests/services/jobs_test.ts": 'await deliver("purge");',
  },
};

function definedJobs(sources: Source[]): NamedJob[] {
  return namedIn(sources.filter(({ path }) => path.startsWith("workers/")), "defineJob", "name");
}

function askedJobs(sources: Source[]): NamedJob[] {
  const product = sources.filter(({ path }) => /^(services|routes|workers)\//.test(path));
  return namedIn(product, "enqueueJobs?", "job");
}

/** The text of `field` in each call of `callee`; a name that is computed is not seen. */
function namedIn(sources: Source[], callee: string, field: string): NamedJob[] {
  const named = new RegExp(
    `\\b${callee}(?:<[^(]*>)?\\((?:(?!\\)\\s*;)[\\s\\S])*?\\b${field}:\\s*"(\\w+)"`,
    "g",
  );
  return sources.filter(({ path }) => path.endsWith(".ts")).flatMap(({ path, text }) =>
    [...mask(text, "comment").matchAll(named)].map((match) => {
      const at = match.index + match[0].length;
      return { name: match[1] ?? "", path, line: lineAt(text, at) };
    })
  );
}
