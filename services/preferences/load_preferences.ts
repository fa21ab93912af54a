import { type Contact, findContact } from "../auth/mod.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { inForce } from "./model/mod.ts";
import { type Preferences, PreferencesInput } from "./schema.ts";
import { selectPreferences } from "./store.ts";

/** A person's own words, the account that they are about, and what both come to. */
export interface LoadedPreferences {
  preferences: Preferences;
  input: PreferencesInput;
  account: Contact;
}

/** What is in force for a person, from the database; version 0 stands for a person who has set nothing yet. */
export async function loadPreferences(
  ctx: Needs<"actor" | "database" | "log">,
  userId: string,
): Promise<LoadedPreferences> {
  return await inTransaction(ctx, async (tx) => {
    const [row, account] = await Promise.all([
      selectPreferences(tx.sql, userId),
      findContact(tx, userId),
    ]);
    // Parsed again, so that what was stored before a field existed gets that field's default.
    const input = PreferencesInput.parse(row?.document ?? {});
    return { preferences: inForce(row?.version ?? 0, input, account), input, account };
  });
}
