import { SignJWT } from "jose";
import { permissionsOf } from "../../services/auth/model/mod.ts";
import type { TestApp } from "./app.ts";

/** Every permission that any route may ask for. */
export const allPermissions = permissionsOf("admin", []);

/** An access token of the app's own key that says whatever a test wants of a person's permissions. */
export async function signToken(
  app: TestApp,
  userId: string,
  permissions: readonly string[],
): Promise<string> {
  const ctx = app.deps.context("test", { address: "", userAgent: "" });
  const { id, privateKey } = await ctx.keys.current();
  const issuedAt = Math.floor(ctx.now() / 1_000);
  return await new SignJWT({ sid: ctx.newId(), role: "client", perms: permissions, amr: ["pwd"] })
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: id })
    .setIssuer(app.deps.settings.publicUrl)
    .setAudience("almanac")
    .setSubject(userId)
    .setJti(ctx.newId())
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + 900)
    .sign(privateKey);
}
