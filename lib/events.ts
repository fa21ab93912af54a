import type { BreakerState } from "./breaker.ts";
import type { Log } from "./log.ts";

export type Severity = "info" | "warning" | "error" | "critical";

/** Something that whoever runs the product wants to find again: it is logged, and kept where events are kept. */
export interface SystemEvent {
  severity: Severity;
  /** What happened, of a small fixed set: `circuit_opened`. */
  kind: string;
  /** A sentence without any value of a person. Equal ones within a minute are counted, not repeated. */
  message: string;
  /** Names, counts and limits; never what belongs to a person. */
  details?: EventDetails;
}

export type EventDetails = Record<string, string | number | boolean | null | string[]>;

/**
 * For a breaker's `onChange`: an event when the circuit opens and one when it has closed again. The tries in between
 * are none, since an outage of an hour would be thousands of them.
 */
export function tellCircuit(log: Pick<Log, "event">, name: string): (state: BreakerState) => void {
  let told = false;
  return (state) => {
    if (state === "open" && !told) {
      told = true;
      log.event({
        severity: "warning",
        kind: "circuit_opened",
        message: `${name} does not answer; it is left alone until it does`,
        details: { circuit: name },
      });
    }
    if (state === "closed" && told) {
      told = false;
      log.event({
        severity: "info",
        kind: "circuit_closed",
        message: `${name} answers again`,
        details: { circuit: name },
      });
    }
  };
}

/** A provider whose calls, or money, of a period are used up: it is not asked again before `resetsAt`, an instant. */
export function budgetSpent(provider: string, limit: number, resetsAt: string): SystemEvent {
  return {
    severity: "warning",
    kind: "budget_spent",
    message: `${provider} has used up its budget`,
    details: { provider, limit, resetsAt },
  };
}
