import type { Sql } from "../../../lib/database.ts";
import type { EpochMs } from "../../../lib/time.ts";
import type { Channel } from "../../preferences/mod.ts";

export interface Suppression {
  reason: string;
  created_at: Date;
}

export async function selectSuppression(
  sql: Sql,
  channel: Channel,
  address: string,
): Promise<Suppression | undefined> {
  const [row] = await sql<Suppression[]>`
    select reason, created_at from suppressions
    where channel = ${channel} and address = ${address.toLowerCase()}`;
  return row;
}

export async function insertSuppression(
  sql: Sql,
  channel: Channel,
  address: string,
  reason: string,
  nowMs: EpochMs,
): Promise<void> {
  await sql`
    insert into suppressions (channel, address, reason, created_at)
    values (${channel}, ${address.toLowerCase()}, ${reason}, ${new Date(nowMs)})
    on conflict (channel, address) do nothing`;
}
