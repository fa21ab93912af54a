import { transactionOf } from "../stores/tables.ts";
import type { Sql } from "../../../lib/database.ts";

export * from "../../../lib/database.ts";

/** As the product's, over the tables in memory. */
export async function inSavepoint<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  const tx = transactionOf(sql);
  const begun = tx.savepoint();
  try {
    const [, result] = await Promise.all([begun, work()]);
    return result;
  } catch (error) {
    await tx.rollbackTo(await begun);
    throw error;
  }
}
