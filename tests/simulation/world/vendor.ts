import type { Vendors } from "../../../services/ctx.ts";
import type {
  MailProvider,
  OutgoingMail,
  Receipt,
  ReceiptKind,
  SendOptions,
  SendOutcome,
} from "../../../services/notifications/ports.ts";
import { takeReceipts } from "../../../services/notifications/take_receipts.ts";
import { habits } from "./habits.ts";
import type { Process } from "./process.ts";
import type { World } from "./world.ts";

/** What the vendor has done for one message of ours. */
export interface Sent {
  /** How often a mail of it went out. */
  mails: number;
  /** How many of these nobody of ours heard of: the answer was lost, or whoever had asked was dead. */
  unheard: number;
  messageId: string;
}

const vendor = "postbox";
const answerDeadlineMs = 15_000;
/** For how long a message is claimed, and from the claim to the first line of its sending. */
const claimMs = 60_000;
const stallMs = 10_000;
const webhookTries = 8;
const noHeaders = new Headers();

/** A mail vendor that may refuse, be busy, fall silent, and report late, twice or never. */
export class SimulatedVendor {
  readonly sent = new Map<string, Sent>();
  #webhooks: Receipt[][] = [];
  #count = 0;
  constructor(readonly world: World) {}

  seenBy(process: Process): Vendors {
    const provider: MailProvider = {
      name: vendor,
      send: (mail, options) => this.#ask(process, mail, options),
      ...(this.world.shape.vendorReports
        ? {
          receipts: {
            verify: () => Promise.resolve(true),
            read: ([high = 0, low = 0]) => this.#webhooks[high * 256 + low] ?? [],
          },
        }
        : {}),
    };
    return {
      mail: () => Promise.resolve([provider]),
      quotes: () => Promise.resolve([]),
    };
  }

  #ask(process: Process, mail: OutgoingMail, options: SendOptions): Promise<SendOutcome> {
    const { world } = this;
    return new Promise<SendOutcome>((resolve) => {
      if (!process.alive) return;
      world.mix("send");
      this.#watch(process, mail.customArguments.notificationId);
      if (world.hits("kill") || world.hits("senderDies")) {
        // The last bytes may have left before.
        if (world.random.chance(0.7)) this.#take(mail, options, false);
        return process.kill();
      }
      const silence = () => {
        const outcome = { outcome: "unknown", reason: "no answer in time" } as const;
        world.after(answerDeadlineMs, () => process.alive && resolve(outcome));
      };
      if (world.hits("mailSwallowed")) return silence();
      const take = () => {
        const heard = process.alive && !world.hits("replySwallowed");
        const outcome = this.#take(mail, options, heard);
        if (!process.alive) return;
        return heard ? resolve(outcome) : silence();
      };
      if (world.random.chance(world.shape.yields)) {
        world.after(world.random.between(1, 8_000), take);
      } else take();
    }).finally(() => world.atWork.delete(mail.customArguments.notificationId));
  }

  /** Two must not send one message, unless the first has been at it, or has stood still, for longer than its lease. */
  #watch(process: Process, notificationId: string): void {
    const { world } = this;
    const other = world.atWork.get(notificationId);
    const heldMs = claimMs - 2 * world.shape.skewMaxMs - stallMs;
    if (!world.injected.stall && other?.process.alive && world.nowMs - other.sinceMs < heldMs) {
      world.violate("nobody sends what somebody else is sending", notificationId);
    }
    world.atWork.set(notificationId, { process, sinceMs: world.nowMs });
  }

  #take(mail: OutgoingMail, options: SendOptions, heard: boolean): SendOutcome {
    const { world } = this;
    const idempotencyKey = habits.freshKeys ? `${this.#count++}` : options.idempotencyKey;
    if (world.hits("vendorBusy")) {
      const retryAfterMs = world.random.between(1, 90) * 1_000;
      return { outcome: "refused", scope: "provider", retryAfterMs, reason: "too many requests" };
    }
    if (world.hits("vendorRefuses")) {
      const scope = world.random.chance(0.7) ? "provider" : "message";
      return { outcome: "refused", scope, reason: "it does not like it" };
    }
    const { notificationId } = mail.customArguments;
    // What the vendor knows a message by: without a key of its own, each request is another mail.
    const known = world.shape.idempotentVendor ? this.sent.get(idempotencyKey) : undefined;
    if (known) return { outcome: "accepted", providerMessageId: known.messageId };
    const messageId = `${vendor}${this.#count++}`;
    const before = this.sent.get(notificationId);
    this.#remember(world.shape.idempotentVendor ? idempotencyKey : notificationId, {
      mails: (before?.mails ?? 0) + 1,
      unheard: (before?.unheard ?? 0) + (heard ? 0 : 1),
      messageId,
    }, notificationId);
    world.note(() => `vendor sends ${notificationId} as ${messageId}${heard ? "" : ", unheard"}`);
    if (world.shape.vendorReports) this.#reportLater(notificationId, messageId, mail.to.email);
    return { outcome: "accepted", providerMessageId: messageId };
  }

  /** Under whatever key it came: people count mails, not keys. */
  #remember(key: string, sent: Sent, notificationId: string): void {
    this.sent.set(notificationId, sent);
    this.sent.set(key, sent);
  }

  #reportLater(notificationId: string, providerMessageId: string, recipient: string): void {
    const { world } = this;
    const kinds: ReceiptKind[] = world.random.chance(0.85)
      ? world.random.pick<ReceiptKind[]>([["processed", "delivered"], ["delivered", "opened"], [
        "delivered",
        "opened",
        "clicked",
      ]])
      : [world.random.pick<ReceiptKind>(["bounced", "dropped"])];
    for (const kind of kinds) {
      if (world.hits("receiptLost")) continue;
      const receipt: Receipt = {
        provider: vendor,
        eventId: `e${this.#count++}`,
        providerMessageId,
        notificationId: world.random.chance(0.8) ? notificationId : undefined,
        recipient,
        kind,
        atMs: Math.floor((world.nowMs + world.random.between(0, 3_000)) / 1_000) * 1_000,
        permanent: world.random.chance(0.3),
        raw: {},
      };
      this.#post([receipt], this.#delay(), 0);
      if (world.hits("receiptTwice")) this.#post([receipt], this.#delay(), 0);
    }
  }

  #delay(): number {
    const { world } = this;
    return world.hits("receiptLate")
      ? world.random.between(60_000, 7_200_000)
      : world.random.between(0, 5_000);
  }

  #post(receipts: Receipt[], delayMs: number, tried: number): void {
    const { world } = this;
    const again = () => tried < webhookTries && this.#post(receipts, 30_000, tried + 1);
    world.after(delayMs, () => {
      const process = world.anyProcess();
      if (process === undefined) return again();
      world.mix("webhook");
      const number = this.#webhooks.push(receipts) - 1;
      const body = new Uint8Array([number >> 8, number & 255]);
      process.serve(
        () => takeReceipts(process.ctx, vendor, noHeaders, body),
        (outcome) => (outcome === undefined || outcome instanceof Error) && again(),
      );
    });
  }
}
