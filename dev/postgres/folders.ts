/** Where database files live, and which account may touch them. */
import { dirname, join, resolve } from "node:path";

/** The account under which programs of Postgres run; undefined stands for the account of this process. */
export interface Account {
  uid: number;
  gid: number;
}

const projectFolder = resolve(import.meta.dirname ?? ".", "../..");
// Postgres refuses to run as root, so root hands over to `nobody`, which has this number on Linux.
const nobody: Account = { uid: 65534, gid: 65534 };
const othersMayEnter = 0o001;
const othersMayWrite = 0o022;

export function serverAccount(): Account | undefined {
  if (Deno.uid() !== 0) return undefined;
  if (Deno.build.os === "linux") return nobody;
  throw new Error(
    "Postgres does not run as root. Start this as your own user, or set DATABASE_URL.",
  );
}

/**
 * The folder for database files called `name`, for example `dev` or `test`: below `.almanac/` of the project,
 * or for root below `/var/tmp`, because `nobody` can rarely reach the project of root. Created if missing.
 */
export async function databaseFolder(name: string): Promise<string> {
  const folder = join(await baseFolder(), name);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.chmod(folder, 0o755);
  return folder;
}

async function baseFolder(): Promise<string> {
  if (serverAccount() === undefined) {
    const folder = join(projectFolder, ".almanac");
    await Deno.mkdir(folder, { recursive: true });
    return folder;
  }
  const folder = `/var/tmp/almanac-${await shortHash(projectFolder)}`;
  await Deno.mkdir(folder).catch(unlessItExists);
  await refuseForeignFolder(folder);
  await Deno.chmod(folder, 0o755);
  return folder;
}

/** Makes `folder` for the sole use of `account`, parents not included. */
export async function makePrivateFolder(folder: string, account?: Account): Promise<void> {
  await Deno.mkdir(folder, { mode: 0o700 });
  if (account) await Deno.chown(folder, account.uid, account.gid);
}

/** Fails with a sentence that names the obstacle where `account` could not walk down to `folder`. */
export async function assertReachable(folder: string, account?: Account): Promise<void> {
  if (!account) return;
  for (let path = resolve(folder); path !== dirname(path); path = dirname(path)) {
    const { mode, uid } = await Deno.stat(path);
    if (uid === account.uid || ((mode ?? 0) & othersMayEnter) !== 0) continue;
    throw new Error(
      `Postgres runs as user ${account.uid} here, and ${path} is closed to that user. ` +
        `Use databaseFolder(), which answers a folder below /var/tmp for root.`,
    );
  }
}

export function unlessItExists(error: unknown): void {
  if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
}

export function unlessMissing(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** Anybody may create names in `/var/tmp`, and root is about to run programs from there. */
async function refuseForeignFolder(folder: string): Promise<void> {
  const found = await Deno.lstat(folder);
  const writable = ((found.mode ?? 0) & othersMayWrite) !== 0;
  if (found.isDirectory && found.uid === 0 && !writable) return;
  throw new Error(`${folder} was not made by root alone. Look at it, and remove it.`);
}

async function shortHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex().slice(0, 12);
}
