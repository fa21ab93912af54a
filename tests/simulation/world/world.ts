import { State } from "../stores/state.ts";
import type { Change } from "../stores/tables.ts";
import { drawFaults, type FaultKind, noFaults, type Rates } from "./faults.ts";
import { Loop, type Timer } from "./loop.ts";
import type { Process } from "./process.ts";
import { Random } from "./random.ts";
import type { Job } from "../../../workers/job.ts";

/** A Monday at noon, far from any change of the clocks. */
const startMs = Date.UTC(2030, 0, 7, 12);

/** How a run differs from others beside its faults. */
export interface Shape {
  processCount: number;
  /** How often a statement or a call lets others go first. */
  yields: number;
  idempotentVendor: boolean;
  vendorReports: boolean;
  atOnceMax: number;
  skewMaxMs: number;
}

/** Something that must never be. */
export interface Violation {
  invariant: string;
  what: string;
}

/** One run: everything in it follows from its seed. */
export class World {
  readonly random: Random;
  readonly loop = new Loop(startMs);
  readonly state = new State();
  readonly shape: Shape;
  readonly injected: Partial<Record<FaultKind, number>> = {};
  readonly violations: Violation[] = [];
  readonly lines: string[] = [];
  rates: Rates;
  processes: Process[] = [];
  /** The job of the clock that this run has beside the product's own. */
  clockJob: Job | undefined;
  /** Who is at which long run, or sends which message. */
  readonly atWork = new Map<string, { process: Process; sinceMs: number }>();
  hash = 0x811c9dc5;
  eventCount = 0;
  #idCount = 0;
  /** Hears of a process that was killed. */
  onKill: (process: Process) => void = () => {};
  /** Hears of every change that is committed. */
  onCommit: (changes: Change[], process: Process) => void = () => {};

  constructor(readonly seed: number, readonly traced: boolean) {
    this.random = new Random(seed);
    const { random } = this;
    this.rates = drawFaults(random);
    this.shape = {
      processCount: random.between(1, 4),
      yields: random.pick([0.02, 0.1, 0.1, 0.5]),
      idempotentVendor: random.chance(0.5),
      vendorReports: random.chance(0.5),
      atOnceMax: random.pick([1, 2, 20]),
      skewMaxMs: random.pick([0, 500, 3_000]),
    };
  }

  get nowMs(): number {
    return this.loop.nowMs;
  }

  /** Whether a fault of this kind happens now. */
  hits(kind: FaultKind): boolean {
    if (!this.random.chance(this.rates[kind])) return false;
    this.injected[kind] = (this.injected[kind] ?? 0) + 1;
    this.note(() => `fault: ${kind}`);
    return true;
  }

  calm(): void {
    this.rates = noFaults();
  }

  after(delayMs: number, go: () => void): Timer {
    return this.loop.after(delayMs, go);
  }

  /** A line of the trace, written only where somebody wants to read it. */
  note(line: () => string): void {
    if (!this.traced) return;
    this.lines.push(`${new Date(this.nowMs).toISOString().slice(8, 23)} ${line()}`);
  }

  /** What happened, into the figure by which two runs are told apart. */
  mix(what: string): void {
    this.eventCount++;
    this.hash = Math.imul(this.hash ^ what.length ^ what.charCodeAt(what.length - 1), 0x01000193);
    this.hash = Math.imul(this.hash ^ this.nowMs, 0x01000193);
  }

  /** In the order in which they are made, as the product's are. */
  newId(): string {
    const digits = (this.#idCount++).toString(16).padStart(12, "0");
    return `00000000-0000-7000-8000-${digits}`;
  }

  violate(invariant: string, what: string): void {
    this.violations.push({ invariant, what });
    this.note(() => `VIOLATED: ${invariant}: ${what}`);
  }

  anyProcess(): Process | undefined {
    const alive = this.processes.filter((process) => process.alive);
    return alive.length === 0 ? undefined : this.random.pick(alive);
  }
}

let current: World | undefined;

/** The world that is run at this moment: there is one at a time. */
export function currentWorld(): World {
  return current ?? outside();
}

export function enterWorld(world: World): void {
  current = world;
}

function outside(): never {
  throw new Error("this is only there within a simulated world");
}
