import type { Client } from "@upstash/qstash";
import type { Queue } from "../../../services/jobs/mod.ts";
import type { QstashMessage } from "../../../services/jobs/providers/qstash/map.ts";
import { publish } from "../../../services/jobs/providers/qstash/publish.ts";
import { type Answer, type Incoming, receive, receiveReport } from "./door.ts";
import { policyOf } from "./jobs.ts";
import { InjectedError } from "./injected.ts";
import type { Process } from "./process.ts";
import type { World } from "./world.ts";

/** A message that the queue has taken. */
interface Message {
  id: string;
  incoming: Incoming;
  retries: number;
  timeoutMs: number;
  reported: boolean;
  reportRetries: number;
  retried: number;
}

const dedupeMs = 600_000;
const reportRetries = "upstash-failure-callback-retries";
const dayMs = 86_400_000;
const prefix = "http://almanac.test/jobs/";

/** QStash: takes messages, delivers them at least once, gives up after its retries, and reports that. */
export class SimulatedQueue {
  #taken = new Map<string, { id: string; atMs: number }>();
  #count = 0;
  constructor(readonly world: World) {}

  seenBy(process: Process): Pick<Queue, "publish" | "reach"> {
    return {
      publish: (rows) =>
        publish(rows, policyOf, "http://almanac.test", (batch) => this.#send(process, batch)),
      reach: () => Promise.resolve(),
    };
  }

  /** What the clock of QStash itself starts. */
  tick(): void {
    this.#deliver({
      id: `tick${this.#count++}`,
      incoming: {
        job: "tick",
        key: "minute",
        version: undefined,
        payload: {},
        requestId: undefined,
      },
      retries: 0,
      timeoutMs: 50_000,
      reported: false,
      reportRetries: 0,
      retried: 0,
    });
  }

  #send(process: Process, batch: QstashMessage[]): ReturnType<Client["batch"]> {
    const { world } = this;
    return new Promise((resolve, reject) => {
      if (!process.alive) return;
      world.mix("publish");
      if (world.hits("kill")) {
        if (world.random.chance(0.5)) this.#take(batch);
        return process.kill();
      }
      if (world.hits("publishFails")) return reject(new InjectedError("the queue is away"));
      const answer = () => {
        const ids = this.#take(batch);
        if (!process.alive) return;
        if (world.hits("publishAnswerLost")) return reject(new InjectedError("no answer"));
        resolve(ids as never);
      };
      if (world.random.chance(world.shape.yields)) {
        world.after(world.random.between(1, 3_000), answer);
      } else answer();
    });
  }

  #take(batch: QstashMessage[]): { messageId: string }[] {
    const { world } = this;
    return batch.map((given) => {
      const known = this.#taken.get(given.deduplicationId);
      if (known && known.atMs > world.nowMs - dedupeMs) return { messageId: known.id };
      const id = `m${this.#count++}`;
      this.#taken.set(given.deduplicationId, { id, atMs: world.nowMs });
      world.note(() => `queue takes ${given.deduplicationId} as ${id}`);
      if (!world.hits("messageLost")) this.#schedule(given, id);
      return { messageId: id };
    });
  }

  #schedule(given: QstashMessage, id: string): void {
    const { world } = this;
    const message: Message = {
      id,
      incoming: { job: given.url.slice(prefix.length), ...JSON.parse(given.body) },
      retries: given.retries,
      timeoutMs: given.timeout * 1_000,
      reported: given.failureCallback !== undefined,
      reportRetries: Number(given.headers[reportRetries] ?? 3),
      retried: 0,
    };
    const dueMs = given.notBefore === undefined ? 0 : given.notBefore * 1_000 - world.nowMs;
    const delayMs = () =>
      Math.max(0, dueMs) +
      (world.hits("messageLate")
        ? world.random.between(1_000, 900_000)
        : world.random.between(0, 20));
    world.after(delayMs(), () => this.#deliver(message));
    if (world.hits("messageTwice")) {
      const copy = { ...message, retries: 0, reported: false };
      world.after(delayMs(), () => this.#deliver(copy));
    }
  }

  #deliver(message: Message): void {
    const { world } = this;
    const { incoming, retried } = message;
    const process = world.anyProcess();
    if (process === undefined) return this.#failed(message, undefined);
    world.mix(incoming.job);
    world.note(() =>
      `${message.id} ${incoming.job} ${incoming.key} to ${process.name}, try ${retried + 1}`
    );
    let isOver = false;
    const end = (answer: Answer | undefined) => {
      if (isOver) return;
      isOver = true;
      late.cancelled = true;
      if (answer && world.hits("answerLost")) answer = undefined;
      world.note(() =>
        `${message.id} ${incoming.job} ${incoming.key} answered ${answer?.status ?? "nothing"}`
      );
      if (answer && answer.status < 300) return;
      this.#failed(message, answer);
    };
    const late = world.after(message.timeoutMs, () => end(undefined));
    process.serve(
      () => receive(process, incoming, message.id, retried),
      (answer) => end(answer instanceof Error ? undefined : answer),
    );
  }

  #failed(message: Message, answer: Answer | undefined): void {
    const { world } = this;
    if (message.retried >= message.retries || answer?.status === 489) {
      if (message.reported) this.#report(message, answer, 0);
      return;
    }
    const retry = message.retried + 1;
    const waitMs = answer?.retryAfterSeconds !== undefined
      ? answer.retryAfterSeconds * 1_000
      : Math.min(dayMs, Math.exp(2.5 * retry) * 1_000);
    world.after(Math.ceil(waitMs), () => this.#deliver({ ...message, retried: retry }));
  }

  /** The failure callback has retries of its own; what they do not deliver is in QStash's own dead letters for nobody to see. */
  #report(message: Message, answer: Answer | undefined, tried: number): void {
    const { world } = this;
    if (world.hits("reportLost")) return;
    const again = () => {
      if (tried >= message.reportRetries) return;
      const waitMs = Math.min(dayMs, Math.ceil(Math.exp(2.5 * (tried + 1)) * 1_000));
      world.after(waitMs, () => this.#report(message, answer, tried + 1));
    };
    world.after(world.random.between(0, 50), () => {
      const process = world.anyProcess();
      if (process === undefined) return again();
      process.serve(
        () => receiveReport(process, message.incoming, answer, message.retried),
        (outcome) => (outcome === "taken" && !world.hits("answerLost")) || again(),
      );
    });
  }
}
