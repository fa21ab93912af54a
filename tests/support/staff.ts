import type { SignedUp, TestApp } from "./app.ts";

/** The same person with another role, signed in with it. */
export async function withRole(app: TestApp, person: SignedUp, role: string): Promise<SignedUp> {
  await app.inspect.sql`update users set role = ${role} where id = ${person.userId}`;
  const response = await app.request("/v1/auth/refresh", {
    method: "POST",
    json: { refreshToken: person.refreshToken },
  });
  const { accessToken, refreshToken } = await response.json();
  return { ...person, token: accessToken, refreshToken };
}
