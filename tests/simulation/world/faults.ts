import type { Random } from "./random.ts";

/** What goes wrong, and how often it does where it can. Each run draws which of them it has, so that many combinations come up. */
export const faultRates = {
  /** The process is gone. */
  kill: [0.001, 0.003, 0.012],
  /** The process stands still for longer than its leases last. */
  stall: [0.002, 0.02],
  /** The connection to Postgres breaks within a transaction. */
  connectionLost: [0.005, 0.03],
  /** Postgres asks for the transaction to be tried again. */
  conflict: [0.01, 0.05],
  /** A transaction has committed, and nobody hears of it. */
  commitAnswerLost: [0.01, 0.05],
  /** The queue does not take what is published. */
  publishFails: [0.1, 0.5],
  /** It has taken it, and the answer is lost. */
  publishAnswerLost: [0.1, 0.4],
  /** It has taken a message and never delivers it. */
  messageLost: [0.05, 0.3],
  messageTwice: [0.1, 0.5],
  /** A message is on its way for minutes. */
  messageLate: [0.1, 0.4],
  /** The work was done, and the queue does not hear of it. */
  answerLost: [0.05, 0.3],
  /** The report that a message was given up does not come. */
  reportLost: [0.2, 0.6],
  /** A job fails, and may succeed later. */
  jobFails: [0.1, 0.5],
  /** A job fails as though it could never succeed. */
  jobHopeless: [0.05, 0.2],
  /** Nobody can be told that a job was given up. */
  tellFails: [0.1, 0.5],
  /** The process is gone as it begins to send a mail, or while it does. */
  senderDies: [0.05, 0.3],
  vendorRefuses: [0.05, 0.3],
  vendorBusy: [0.05, 0.3],
  /** The vendor has sent a mail, and its answer is lost. */
  replySwallowed: [0.1, 0.4],
  /** The mail never reaches the vendor, and nobody hears of it. */
  mailSwallowed: [0.05, 0.2],
  receiptLost: [0.1, 0.5],
  receiptTwice: [0.1, 0.5],
  receiptLate: [0.1, 0.5],
  tickMissed: [0.2, 0.6],
  tickTwice: [0.1, 0.5],
  /** A process' clock jumps by some seconds. */
  clockJump: [0.02, 0.1],
} as const satisfies Record<string, readonly number[]>;

export type FaultKind = keyof typeof faultRates;
export const faultKinds = Object.keys(faultRates) as FaultKind[];
export type Rates = Record<FaultKind, number>;

export function noFaults(): Rates {
  return Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Rates;
}

/** Each kind is there in half of the runs, rare or frequent. */
export function drawFaults(random: Random): Rates {
  const rates = noFaults();
  for (const kind of faultKinds) {
    if (random.chance(0.5)) rates[kind] = random.pick<number>(faultRates[kind]);
  }
  return rates;
}
