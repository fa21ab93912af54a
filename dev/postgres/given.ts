import { majorMin } from "./programs.ts";

const connectTimeoutSeconds = 5;

/**
 * Asks the server behind `url` for its version, so that a wrong setting is told at once and by name.
 * @throws Error that names the server, never the password
 */
export async function useGiven(url: string) {
  const version = await askVersion(url);
  if (Number.parseInt(version) < majorMin) {
    throw new Error(`${nameOf(url)} runs Postgres ${version}; ${majorMin} or newer is needed.`);
  }
  return { url, version, source: "given" as const, stop: () => Promise.resolve() };
}

async function askVersion(url: string): Promise<string> {
  const { default: postgres } = await import("postgres");
  const name = nameOf(url);
  const sql = postgres(url, {
    max: 1,
    connect_timeout: connectTimeoutSeconds,
    fetch_types: false,
    onnotice: () => {},
  });
  try {
    const [row] = await sql<{ server_version: string }[]>`show server_version`;
    return row?.server_version.split(" ")[0] ?? "";
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`DATABASE_URL is set, but ${name} cannot be used: ${reason}`);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function nameOf(url: string): string {
  if (!URL.canParse(url)) throw new Error("DATABASE_URL is not a URL.");
  const { host, pathname } = new URL(url);
  return `the database ${pathname.slice(1)} on ${host}`;
}
