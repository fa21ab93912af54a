/** Connects once to the address given and prints what came of it: a process of its own, since whom to trust is read at its start. */
import { openDatabase } from "../../lib/database.ts";
import { Failure } from "../../lib/errors.ts";
import { silentLog } from "../../lib/log.ts";
import { person } from "./database_world.ts";

const [url = ""] = Deno.args;
const database = openDatabase({
  url,
  poolMax: 1,
  prepare: true,
  deadlineMs: 5_000,
  systemDeadlineMs: 5_000,
  log: silentLog,
});
try {
  await database.transaction(person, (sql) => sql`select 1`);
  console.log("connected");
} catch (error) {
  console.log(
    error instanceof Failure ? `${error.code}: ${(error.cause as Error)?.message}` : error,
  );
} finally {
  await database.close();
}
