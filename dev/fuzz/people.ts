/** Those who ask: two strangers, somebody of the staff, and nobody. */
import type { Actor } from "./plans.ts";

export interface People {
  tokenOf(actor: Actor): string | undefined;
  /** Signs somebody in anew, whose session has ended. */
  renew(actor: Actor): Promise<void>;
}

const password = "a-fine-long-passphrase";
let count = 0;

/** Registers two people and one whom `promote` makes staff, and signs them in. */
export async function gatherPeople(
  url: string,
  promote: (email: string) => Promise<void>,
): Promise<People> {
  const emails = new Map<Actor, string>();
  const tokens = new Map<Actor, string>();
  const renew = async (actor: Actor) => {
    const email = emails.get(actor);
    if (email === undefined) return;
    const { accessToken } = await post(`${url}/v1/auth/login`, { email, password }, 200);
    tokens.set(actor, String(accessToken));
  };
  for (const actor of ["first", "second", "staff"] as const) {
    const email = `${actor}.${++count}.${Deno.pid}@example.com`;
    emails.set(actor, email);
    await post(`${url}/v1/auth/register`, { email, password, name: "Alex Example" }, 201);
    if (actor === "staff") await promote(email);
    await renew(actor);
  }
  return { tokenOf: (actor) => tokens.get(actor), renew };
}

async function post(
  url: string,
  body: unknown,
  expected: number,
): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.status !== expected) {
    throw new Error(`${url}: ${response.status} ${await response.text()}`);
  }
  return await response.json();
}
