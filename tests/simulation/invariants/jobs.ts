import { nameOf, type OutboxRow, type RunRow } from "../stores/state.ts";
import type { Change } from "../stores/tables.ts";
import { isReported } from "../../../services/jobs/mod.ts";
import { policyOf, rowsOfLongWork } from "../world/jobs.ts";
import type { Process } from "../world/process.ts";
import type { World } from "../world/world.ts";

import type { Watch } from "./mod.ts";

type Found = Generator<string>;

/** What is over stays so; only what was given up gives way, to its replay. */
const moves: Record<RunRow["state"], RunRow["state"][]> = {
  running: ["succeeded", "failed", "dead"],
  failed: ["running", "succeeded", "dead"],
  dead: ["replaced"],
  succeeded: [],
  replaced: [],
};

/** The state of a run moves forward: what has succeeded or given way stays so, and work that is done is all done. */
export function watchRuns(
  world: World,
  { table, key, before, after }: Change,
  { holders }: Watch,
  process: Process,
): void {
  if (table !== "job_runs" || after === undefined) return;
  const old = before as RunRow | undefined;
  const now = after as RunRow;
  if (old && now.state !== old.state && !moves[old.state].includes(now.state)) {
    world.violate("states of runs move forward only", `${key}: ${old.state} -> ${now.state}`);
  }
  const isTaken = now.lease_until !== null && now.lease_until !== old?.lease_until;
  if (isTaken) holders.set(key, process);
  const isEnded = old?.lease_until && old.state === "running" && now.error_code !== "abandoned" &&
    (now.state === "failed" || now.state === "succeeded");
  if (isEnded && holders.get(key) !== process) {
    world.violate("only who holds a long run ends it", `${key} -> ${now.state}`);
  }
  if (now.state === "succeeded" && now.job === "move_rows") {
    for (let row = 0; row < rowsOfLongWork; row++) {
      const has = world.state.effects.slots.get(`${now.key}/${row}`)?.committed;
      if (has === undefined) {
        world.violate("a run that has succeeded has done its rows", `${key}: row ${row}`);
      }
    }
  }
}

/** Nobody is told that work was given up which is done. */
export function watchLetters(world: World, { table, key, before }: Change): void {
  if (table !== "dead_letters" || before !== undefined) return;
  if (world.state.runs.slots.get(key)?.committed?.state === "succeeded") {
    world.violate("what is done is not given up", key);
  }
  // Whoever gave it up has let go of it by now.
  if (world.state.advisory.has(key)) world.violate("what is being done is not given up", key);
}

/** What has ended is not published any more. */
export function watchOutbox(world: World, { table, key, before, after }: Change): void {
  if (table !== "outbox" || before === undefined || after === undefined) return;
  const old = before as OutboxRow;
  const isClaimed = (after as OutboxRow).attempts > old.attempts;
  if (isClaimed && old.ended_at !== null) world.violate("what has ended is not published", key);
}

function effectsOf(kind: string, name: string): string[] {
  switch (kind) {
    case "plain":
    case "later":
    case "mail and work":
      return [name];
    case "chain":
      return [name, `${name}_next`];
    case "many":
      return [0, 1, 2].map((part) => `${name}_${part}`);
    case "versions":
      return [1, 2].map((version) => `${name}_${version}`);
    case "rows":
      return [0, 1, 2].map((row) => `${name}/${row}`);
    default:
      return [];
  }
}

function* everyRequestHasItsEffectOnce({ state }: World): Found {
  for (const [name, { committed: kind = "" }] of state.asked.slots) {
    for (const effect of effectsOf(kind, name)) {
      const count = state.effects.slots.get(effect)?.committed ?? 0;
      if (count !== 1) yield `${name} (${kind}): ${effect} was done ${count} times`;
    }
  }
}

/** Work that somebody waits for is done, or they are told that it will not be: one of both, once. */
function* whoIsOwedWorkGetsItOrIsTold({ state }: World): Found {
  const countOf = (name: string) => state.effects.slots.get(name)?.committed ?? 0;
  for (const [name, { committed: kind }] of state.asked.slots) {
    if (kind !== "owed") continue;
    const [done, told] = [countOf(name), countOf(`told/${name}`)];
    if (done + told !== 1) yield `${name} was done ${done} times, and told ${told} times`;
  }
}

function* nothingIsDoneThatNobodyAskedFor({ state }: World): Found {
  const asked = new Set<string>();
  for (const [name, { committed: kind = "" }] of state.asked.slots) {
    for (const effect of effectsOf(kind, name)) asked.add(effect);
    if (kind === "owed") asked.add(name);
  }
  for (const name of state.effects.slots.keys()) {
    if (/^r\d/.test(name) && !asked.has(name)) yield name;
  }
}

function* everyMessageEnds({ state }: World): Found {
  for (const row of state.outbox.rows()) {
    if (row.ended_at === null) yield `${nameOf(row)}, published ${row.published_at !== null}`;
  }
}

/** What is not reported is started anew by the clock: it may have failed, and is dead without a letter. */
function isStartedAnew(job: string): boolean {
  const policy = policyOf(job);
  return policy !== undefined && !isReported(policy);
}

function* everyRunEnds({ state }: World): Found {
  for (const row of state.runs.rows()) {
    const isOpen = row.state === "running" ||
      row.state === "failed" && !isStartedAnew(row.job);
    if (isOpen) yield `${nameOf(row)} is ${row.state}, error ${row.error_code}`;
  }
}

function* whatIsDeadHasALetter({ state }: World): Found {
  for (const row of state.runs.rows()) {
    if (row.state !== "dead" || isStartedAnew(row.job)) continue;
    if (state.letters.slots.get(nameOf(row))?.committed === undefined) yield nameOf(row);
  }
}

function* onlyWhatCanNeverSucceedWaitsForStaff({ state }: World): Found {
  for (const letter of state.letters.rows()) {
    if (letter.state !== "waiting") continue;
    if (letter.payload.kind !== "poison") yield `${nameOf(letter)}: ${letter.reason}`;
    const run = state.runs.slots.get(nameOf(letter))?.committed;
    if (run && run.state !== "dead") yield `${nameOf(letter)} waits, and its run is ${run.state}`;
  }
}

function* whatCanNeverSucceedIsALetter({ state }: World): Found {
  for (const [name, { committed: kind }] of state.asked.slots) {
    if (kind !== "poison") continue;
    const letters = [...state.letters.rows()].filter(({ key, state }) =>
      key === name && state === "waiting"
    );
    if (letters.length !== 1) yield `${name} has ${letters.length} letters that wait`;
  }
}

function* aLetterIsSettledWhereSomebodyWasTold({ state }: World): Found {
  const counts = new Map<string, number>();
  for (const letter of state.letters.rows()) {
    if (letter.state !== "settled") continue;
    if (letter.job !== "owe_once") yield `${nameOf(letter)} is settled`;
    counts.set(letter.key, (counts.get(letter.key) ?? 0) + 1);
  }
  for (const [name, kind] of state.asked.slots) {
    const told = state.effects.slots.get(`told/${name}`)?.committed ?? 0;
    const settled = counts.get(name) ?? 0;
    if (kind.committed === "owed" && told !== settled) yield `${name}: ${told} of ${settled} told`;
  }
}

function* aRunThatIsReplayedHasGivenWay({ state }: World): Found {
  for (const letter of state.letters.rows()) {
    const run = state.runs.slots.get(nameOf(letter))?.committed;
    const isReplayed = letter.state === "replayed";
    if (isReplayed !== (run?.state === "replaced")) {
      yield `${nameOf(letter)} is ${letter.state}, and its run ${run?.state}`;
    }
  }
}

export const jobInvariants = [
  everyRequestHasItsEffectOnce,
  nothingIsDoneThatNobodyAskedFor,
  everyMessageEnds,
  everyRunEnds,
  whatIsDeadHasALetter,
  onlyWhatCanNeverSucceedWaitsForStaff,
  whatCanNeverSucceedIsALetter,
  whoIsOwedWorkGetsItOrIsTold,
  aLetterIsSettledWhereSomebodyWasTold,
  aRunThatIsReplayedHasGivenWay,
];
