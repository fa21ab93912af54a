import { loadZonedTime, type ZonedTime } from "../../lib/zoned_time.ts";
import { toDay } from "../../lib/time.ts";
import type { Contact } from "../auth/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { loadPreferences, type Preferences } from "../preferences/mod.ts";
import { mailAddress } from "../preferences/model/mod.ts";
import { selectSuppression } from "./store/suppressions.ts";

/** A person as somebody who is to be told something. */
export interface Recipient {
  account: Contact;
  preferences: Preferences;
  mailAddress: string;
  /** Why no mail may go there; undefined where nothing stands against it. */
  mailSuppressedBecause: string | undefined;
  zoned: ZonedTime;
}

/** Everything that decides whether, when and where a person is told. `not_found` for who has left. */
export async function loadRecipient(
  ctx: Needs<"actor" | "database" | "log">,
  userId: string,
): Promise<Recipient> {
  const zoned = await loadZonedTime();
  return await inTransaction(ctx, async (tx) => {
    const { preferences, account } = await loadPreferences(tx, userId);
    const address = mailAddress(preferences, account);
    const suppression = await selectSuppression(tx.sql, "email", address);
    const mailSuppressedBecause = suppression &&
      `address suppressed after ${suppression.reason} on ${
        toDay(suppression.created_at.getTime())
      }`;
    return { account, preferences, mailAddress: address, mailSuppressedBecause, zoned };
  });
}
