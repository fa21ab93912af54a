import postgres from "postgres";
import { seedChanges } from "./changes.ts";
import { seedPeople } from "./people.ts";
import { seedPlans } from "./plans.ts";
import { seedAlerts } from "./alerts.ts";
import { seedWatchlists } from "./watchlists.ts";

/** Demo people with their watchlists, plans and alerts. Running it again changes nothing that is there. */
export async function seed(databaseUrl: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.begin(async (tx) => {
      await seedPeople(tx);
      await seedWatchlists(tx);
      await seedPlans(tx);
      await seedAlerts(tx);
      await seedChanges(tx);
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
}
