import type { TestApp } from "../../support/app.ts";

/** An answer with what a client keeps of it. */
export interface Answer {
  status: number;
  /** The body to the byte. */
  text: string;
  code?: string;
  id?: string;
  replayed: boolean;
  headers: Headers;
}

/** Posts `json` under a key and reads the answer. */
export async function post(
  app: TestApp,
  { token, path, json, key, headers = {} }: {
    token: string;
    path: string;
    json?: unknown;
    key?: string;
    headers?: Record<string, string>;
  },
): Promise<Answer> {
  const named: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  const response = await app.request(path, {
    method: "POST",
    token,
    json,
    headers: { ...headers, ...named },
  });
  const text = await response.text();
  const { code, id } = JSON.parse(text || "{}");
  const replayed = response.headers.get("idempotency-replayed") === "true";
  return { status: response.status, text, code, id, replayed, headers: response.headers };
}

/** How many rows the tables have that a test of keys looks at. */
export async function rowsOf({ inspect: { sql } }: TestApp) {
  const [row] = await sql<{ plans: number; simulations: number; alerts: number; keys: number }[]>`
    select (select count(*) from plans)::int as plans,
           (select count(*) from simulations)::int as simulations,
           (select count(*) from alerts)::int as alerts,
           (select count(*) from idempotency_keys)::int as keys`;
  return { ...row };
}
