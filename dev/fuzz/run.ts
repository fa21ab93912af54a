/** Plays cases until so many requests were made, and gathers what is wrong, each thing once and as small as it gets. */
import fc from "fast-check";
import { play, type Played } from "./ask.ts";
import { casesOf } from "./cases.ts";
import type { ApiDocument } from "./document.ts";
import { createKnowledge } from "./knowledge.ts";
import { gatherPeople, type People } from "./people.ts";
import type { Plan } from "./plans.ts";

export interface FuzzTarget {
  url: string;
  api: ApiDocument;
  promote(email: string): Promise<void>;
}

export interface FuzzOptions {
  requests: number;
  seed: number;
  report(progress: Progress): void;
}

interface Progress {
  requests: number;
  findings: Finding[];
}

/** One thing that is wrong, with the shortest case that shows it. */
export interface Finding {
  fault: string;
  operation: string;
  seed: number;
  steps: Played[];
}

export interface FuzzResult extends Progress {
  /** How often each operation answered with each status. */
  answers: Map<string, Map<number, number>>;
}

// A few hundred requests: nobody among them comes to the end of what one person may have.
const casesPerRound = 200;
const shrinkMaxMs = 10_000;

export async function fuzz(target: FuzzTarget, options: FuzzOptions): Promise<FuzzResult> {
  const result: FuzzResult = { requests: 0, findings: [], answers: new Map() };
  const cases = casesOf(target.api);
  const known = new Set<string>();
  for (let round = 0; result.requests < options.requests; round++) {
    const people = await gatherPeople(target.url, target.promote);
    const seed = options.seed + round;
    const startedMs = performance.now();
    const property = fc.asyncProperty(cases, async (plans) => {
      // A new finding is made small before anything else is looked for, for so long and no longer.
      if (performance.now() - startedMs > shrinkMaxMs && result.requests >= options.requests) {
        return;
      }
      const steps = await playCase(target, people, plans);
      for (const step of steps) count(result, step);
      const fresh = steps.flatMap(signaturesOf).find((signature) => !known.has(signature));
      if (fresh !== undefined) throw new CaseFailed(fresh, steps);
    });
    const details = await fc.check(property, {
      seed,
      numRuns: casesPerRound,
      interruptAfterTimeLimit: 60_000,
    });
    const error = details.errorInstance;
    if (error instanceof CaseFailed) {
      known.add(error.signature);
      result.findings.push(findingOf(error, seed));
    } else if (error !== undefined && error !== null) throw error;
    options.report(result);
  }
  return result;
}

class CaseFailed extends Error {
  override name = "CaseFailed";
  readonly signature: string;
  readonly steps: Played[];

  constructor(signature: string, steps: Played[]) {
    super(signature);
    this.signature = signature;
    this.steps = steps;
  }
}

async function playCase(
  { url, api }: FuzzTarget,
  people: People,
  plans: Plan[],
): Promise<Played[]> {
  const stage = { api, url, people, knowledge: createKnowledge() };
  const steps: Played[] = [];
  for (const plan of plans) {
    const step = await play(stage, plan);
    if (step) steps.push(step);
  }
  return steps;
}

/** The same thing wrong in another place of a body is the same thing. */
function signaturesOf({ plan, faults }: Played): string[] {
  return faults.map((fault) =>
    `${plan.operation.name}: ${fault.replace(/\d+/g, "0").slice(0, 80)}`
  );
}

function count(result: FuzzResult, { plan, status }: Played): void {
  result.requests++;
  const { name } = plan.operation;
  const byStatus = result.answers.get(name) ?? new Map<number, number>();
  byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  result.answers.set(name, byStatus);
}

function findingOf({ signature, steps }: CaseFailed, seed: number): Finding {
  const step = steps.find((played) => signaturesOf(played).includes(signature));
  return {
    fault: step?.faults.find((fault) => signature.includes(fault.slice(0, 20))) ?? signature,
    operation: step?.plan.operation.name ?? "",
    seed,
    steps,
  };
}

/** A finding as text: what is wrong, and how to see it again. */
export function describeFinding({ fault, operation, seed, steps }: Finding): string {
  const lines = steps.map(({ curl, status, text, faults }) =>
    [`  ${curl}`, `    -> ${status} ${text}`, ...faults.map((found) => `    !! ${found}`)].join(
      "\n",
    )
  );
  return [`${operation}: ${fault}`, `  --seed ${seed}`, ...lines].join("\n");
}
