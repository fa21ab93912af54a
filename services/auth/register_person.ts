import { fail } from "../../lib/errors.ts";
import { recordChange } from "../audit/mod.ts";
import { noteChange } from "../changes/mod.ts";
import { asSystem, inTransaction, type Needs } from "../ctx.ts";
import { enqueueJob } from "../jobs/mod.ts";
import { isTooLong, normalisePassword, weaknessOf } from "./model/password_rules.ts";
import type { RegisterInput, User } from "./schema.ts";
import { insertUser } from "./store.ts";
import { toUser } from "./tokens.ts";

type RegisterNeeds = Needs<
  | "actor"
  | "database"
  | "keys"
  | "log"
  | "newId"
  | "now"
  | "origin"
  | "queue"
  | "requestId"
>;

/**
 * Takes in a new person as a client, and has them welcomed. `weak_password` names the field; `email_taken` is said
 * only after the password was hashed, so that the time it takes tells nothing.
 */
export async function registerPerson(ctx: RegisterNeeds, input: RegisterInput): Promise<User> {
  const { email, name, timeZone = "UTC" } = input;
  const password = normalisePassword(input.password);
  refuseUnfit(password, { email, name });
  const passwordHash = await (await ctx.keys.passwords()).hash(password);
  return await inTransaction(asSystem(ctx, "register_person"), async (tx) => {
    const user = { id: ctx.newId(), email, name, passwordHash, timeZone, nowMs: ctx.now() };
    const row = await insertUser(tx.sql, user);
    const change = { action: "person.registered", subjectId: row.id, entityId: row.id };
    await recordChange({ ...tx, actor: ctx.actor }, change);
    noteChange(tx, { userId: row.id, kind: "profile", id: row.id, operation: "changed" });
    const payload = { type: "welcome" };
    await enqueueJob(tx, { job: "notify_person", key: row.id, version: 1, payload });
    return toUser(row);
  });
}

function refuseUnfit(password: string, person: { email: string; name: string }): void {
  if (isTooLong(password)) {
    fail("invalid_request", {
      errors: [{ path: "password", message: "must be at most 128 characters" }],
    });
  }
  const message = weaknessOf(password, person);
  if (message) fail("weak_password", { errors: [{ path: "password", message }] });
}
