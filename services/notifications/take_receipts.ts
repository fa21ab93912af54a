import { fail } from "../../lib/errors.ts";
import { isUuid } from "../../lib/ids.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import { enqueueJob } from "../jobs/mod.ts";
import type { Receipt } from "./ports.ts";
import { insertReceipts, type NewReceipt } from "./store.ts";

type TakeNeeds = Needs<"actor" | "database" | "log" | "newId" | "now" | "queue" | "vendors">;

/** A statement takes at most 65,535 values, and a receipt is twelve. */
const rowsMax = 1_000;

/**
 * Takes a vendor's webhook: verifies the raw body, writes one row per event, and leaves the effects to a job. Events
 * that were seen before change nothing. `invalid_signature` and nothing stored where the vendor did not sign it.
 *
 * @returns how many events were new
 */
export async function takeReceipts(
  ctx: TakeNeeds,
  providerName: string,
  headers: Headers,
  rawBody: Uint8Array<ArrayBuffer>,
): Promise<number> {
  const reader = (await ctx.vendors.mail()).find(({ name }) => name === providerName)?.receipts ??
    fail("invalid_signature");
  const genuine = await reader.verify(headers, rawBody, ctx.now());
  if (!genuine) fail("invalid_signature");
  const rows = reader.read(rawBody).map(toRow);
  if (rows.length === 0) return 0;
  return await inTransaction(asSystem(ctx, "take_receipts"), async (tx) => {
    let newCount = 0;
    for (let at = 0; at < rows.length; at += rowsMax) {
      newCount += await insertReceipts(tx.sql, rows.slice(at, at + rowsMax), ctx.now());
    }
    if (newCount > 0) await enqueueJob(tx, { job: "apply_receipts", key: ctx.newId() });
    return newCount;
  });
}

/** Others may send through the same account, so that what stands in an event need not be of our making. */
function toRow(receipt: Receipt): NewReceipt {
  const { notificationId = "" } = receipt;
  return {
    provider: receipt.provider,
    eventId: storable(receipt.eventId),
    notificationId: isUuid(notificationId) ? notificationId : null,
    providerMessageId: storable(receipt.providerMessageId ?? "") || null,
    recipient: storable(receipt.recipient ?? "") || null,
    kind: receipt.kind,
    reason: storable(receipt.reason ?? "") || null,
    permanent: receipt.permanent ?? false,
    machine: receipt.machine ?? false,
    atMs: receipt.atMs,
    raw: JSON.stringify(receipt.raw),
  };
}

/** Postgres keeps no NUL in a text. */
function storable(text: string): string {
  return text.replaceAll("\0", "");
}
