import { fail } from "../../lib/errors.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { User } from "./schema.ts";
import { selectUser } from "./store.ts";
import { toUser } from "./tokens.ts";

/** The person who asks. `not_signed_in` where the account is gone though its token has not expired. */
export async function getMe(ctx: Needs<"actor" | "database" | "log">): Promise<User> {
  const { actor } = ctx;
  if (actor.kind !== "person") return fail("not_signed_in");
  const row = await inTransaction(ctx, ({ sql }) => selectUser(sql, actor.userId));
  return toUser(row ?? fail("not_signed_in"));
}
