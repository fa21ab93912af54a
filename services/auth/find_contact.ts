import { fail } from "../../lib/errors.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import { selectUser } from "./store.ts";

/** How a person is written to. */
export interface Contact {
  name: string;
  email: string;
  emailVerified: boolean;
  timeZone: string;
  locale: string;
}

/** How to reach a person: the one who asks, or anybody for the product itself. `not_found` for everybody else. */
export async function findContact(
  ctx: Needs<"actor" | "database" | "log">,
  userId: string,
): Promise<Contact> {
  const row = await inTransaction(ctx, ({ sql }) => selectUser(sql, userId)) ?? fail("not_found");
  const { name, email, locale } = row;
  return {
    name,
    email,
    emailVerified: row.email_verified_at !== null,
    timeZone: row.time_zone,
    locale,
  };
}
