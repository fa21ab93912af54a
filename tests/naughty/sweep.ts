import type { Endpoint } from "../support/endpoints.ts";
import { type Caller, createCaller } from "./caller.ts";
import { type Answer, faultOf } from "./judge.ts";
import { clearAway, readBack } from "./read_back.ts";
import type { Rig } from "./rig.ts";
import type { Asked, Slot } from "./slots.ts";

/** A text for a place. */
export interface Try {
  slot: Slot;
  text: string;
}

/** What came of many tries. */
export interface Tally {
  asked: number;
  accepted: number;
  /** Places of bodies in which a text was accepted and read back as it was sent. */
  kept: Set<string>;
  /** One of each kind, with how many there were. */
  faults: Map<string, { first: string; times: number }>;
}

// Enough for Postgres to have something to do while we judge.
const lanes = 4;

/** Asks each route whose name holds `part` for all of its tries, as a person of its own. */
export async function sweep(
  rig: Rig,
  part: string,
  triesOf: (endpoint: Endpoint, caller: Caller, at: number) => Try[],
): Promise<Tally> {
  const tally: Tally = { asked: 0, accepted: 0, kept: new Set(), faults: new Map() };
  const waiting = [...rig.endpoints.entries()].filter(([, { route }]) => route.includes(part));
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, endpoint] = next;
      const caller = await createCaller(rig);
      for (const one of triesOf(endpoint, caller, at)) {
        await attempt({ rig, caller, endpoint, ...one }, tally);
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  return tally;
}

interface Attempt extends Try {
  rig: Rig;
  caller: Caller;
  endpoint: Endpoint;
}

async function attempt(given: Attempt, tally: Tally): Promise<void> {
  const { rig, caller, endpoint, slot, text } = given;
  const note = (fault: string | undefined) => {
    if (fault === undefined) return;
    const kind = `${endpoint.route}, ${slot.name}: ${fault.slice(0, 20)}`;
    const first = `${JSON.stringify(text.slice(0, 80))}: ${fault}`;
    const known = tally.faults.get(kind) ?? { first, times: 0 };
    tally.faults.set(kind, { ...known, times: known.times + 1 });
  };
  tally.asked++;
  const { asked, answer } = await askSlot(given);
  const statuses = rig.statusesOf(endpoint);
  // Another path may be another route's, or nobody's.
  const isElsewhere = slot.name.startsWith("path");
  note(faultOf(answer, isElsewhere ? new Set([...statuses, 401, 404, 405, 422]) : statuses));
  if (answer.status >= 300 || isElsewhere) return;
  tally.accepted++;
  if (slot.field === undefined) return await clearAway(caller, answer);
  const { isShown, fault } = await readBack({ ...given, field: slot.field }, asked, answer);
  await clearAway(caller, answer);
  note(fault);
  if (isShown && fault === undefined) tally.kept.add(`${endpoint.route}, ${slot.name}`);
}

/** Once more where the session has ended, or the thing in the path is gone: an earlier try may have been heard. */
async function askSlot(given: Attempt): Promise<{ asked: Asked; answer: Answer }> {
  const { caller, endpoint, slot, text } = given;
  const once = async () => {
    const asked = slot.put(caller.usual(endpoint), text);
    return { asked, answer: await caller.ask(endpoint, asked) };
  };
  const first = await once();
  const isTheirs = slot.name.startsWith("path") || slot.name === "header authorization";
  if (isTheirs || ![401, 404, 409].includes(first.answer.status)) return first;
  await caller.renew();
  return await once();
}
