import type postgres from "postgres";
import { demoPeople } from "./people.ts";

const createdAt = new Date("2026-01-05T09:00:00.000Z");

/** Two watchlists of the demo client, of symbols of the demo market. */
const watchlists = [
  {
    id: "0192a000-0000-7000-8000-00000000c001",
    name: "What I own",
    symbols: ["SPY", "VEA", "BND", "TIP"],
    position: 0,
  },
  {
    id: "0192a000-0000-7000-8000-00000000c002",
    name: "What I wait for",
    symbols: ["AAPL", "MSFT", "BTC-USD"],
    position: 1,
  },
];

export async function seedWatchlists(sql: postgres.TransactionSql): Promise<void> {
  for (const { id, name, symbols, position } of watchlists) {
    await sql`
      insert into watchlists (id, user_id, name, symbols, position, created_at, updated_at)
      values (${id}, ${demoPeople.client.id}, ${name}, ${symbols}, ${position}, ${createdAt}, ${createdAt})
      on conflict (id) do nothing`;
  }
}
