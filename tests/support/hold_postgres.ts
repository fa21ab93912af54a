/** A program for tests that kill it: starts Postgres on the folder it is given, says where, and holds it. */
import { startPostgres } from "../../dev/postgres/mod.ts";

const [dataDir = ""] = Deno.args;
const { url } = await startPostgres({ dataDir, durable: false });
console.log(JSON.stringify({ url }));
setInterval(() => {}, 1_000);
