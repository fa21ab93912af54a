/** The migrations as they lie in their folder: numbered without a gap, each with its reasons on top. */
import { join } from "node:path";
import { MigrationError } from "./error.ts";
import { splitStatements } from "./statements.ts";

export interface Migration {
  number: number;
  /** The file's name: "0001_foundation.sql". */
  name: string;
  text: string;
  /** SHA-256 of the text in hexadecimal, the same for both kinds of line ends. */
  checksum: string;
  /** False where the file says `-- no-transaction`, as CREATE INDEX CONCURRENTLY needs. */
  transactional: boolean;
}

const namePattern = /^(\d{4})_[a-z0-9_]+\.sql$/;
const noTransaction = /^-- no-transaction$/m;
const reasons = ["Why", "Locks", "Old code"];
// `end` is left out, since it also closes the body of a function written with `begin atomic`.
const transactionControl =
  /^(begin|start\s+transaction|commit|rollback|abort|prepare\s+transaction)\b/i;

/**
 * Reads every migration of `folder`, in order.
 * @throws MigrationError for a misnamed file, a gap, a missing reason, or a file that ends its own transaction
 */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const names = entries.filter(({ isFile }) => isFile).map(({ name }) => name)
    .filter((name) => /\.sql$/i.test(name) && name !== "schema.sql").toSorted();
  const migrations = await Promise.all(names.map((name) => readMigration(folder, name)));
  migrations.forEach(({ number, name }, index) => {
    if (number === index + 1) return;
    throw new MigrationError(`${name} should be number ${index + 1}: there is a gap or a double.`);
  });
  return migrations;
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const number = Number(name.match(namePattern)?.[1]);
  if (!number) throw new MigrationError(`${name} is not named like 0001_what_it_does.sql.`);
  const text = (await Deno.readTextFile(join(folder, name))).replaceAll("\r\n", "\n");
  const header = text.match(/^(--.*\n)*/)?.[0] ?? "";
  const transactional = !noTransaction.test(header);
  refuseSilence(name, header);
  if (transactional) refuseTransactionControl(name, text);
  return { number, name, text, checksum: await sha256(text), transactional };
}

function refuseSilence(name: string, header: string) {
  const missing = reasons.filter((reason) => !header.includes(`-- ${reason}: `));
  if (missing.length === 0) return;
  const wanted = missing.map((reason) => `"-- ${reason}: …"`).join(", ");
  throw new MigrationError(
    `${name} must begin with why, what it locks, and whether old code survives: ${wanted}`,
  );
}

function refuseTransactionControl(name: string, text: string) {
  const found = splitStatements(text).find((statement) => transactionControl.test(statement.text));
  if (!found) return;
  throw new MigrationError(
    `${name}, line ${found.line}: the runner begins and ends the transaction, the file must not.`,
  );
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
