import type postgres from "postgres";
import { demoPeople } from "./people.ts";

const createdAt = new Date("2026-01-05T09:00:00.000Z");

/** Two alerts of the demo client on symbols of the demo market, far enough away to stay quiet for a while. */
const alerts = [
  {
    id: "0192a000-0000-7000-8000-00000000b001",
    symbol: "SPY",
    direction: "below",
    level: "1.00",
    side: "above",
  },
  {
    id: "0192a000-0000-7000-8000-00000000b002",
    symbol: "BTC-USD",
    direction: "above",
    level: "100000000",
    side: "below",
  },
] as const;

export async function seedAlerts(sql: postgres.TransactionSql): Promise<void> {
  for (const { id, symbol, direction, level, side } of alerts) {
    await sql`
      insert into alerts (id, user_id, kind, symbol, direction, level, channels, repeat_mode, side, created_at, updated_at)
      values (${id}, ${demoPeople.client.id}, 'price', ${symbol}, ${direction}, ${level}, ${[
      "email",
      "in_app",
    ]}, 'once',
              ${side}, ${createdAt}, ${createdAt})
      on conflict (id) do nothing`;
  }
}
