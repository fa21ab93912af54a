import { join } from "node:path";
import { serverAccount } from "../../dev/postgres/folders.ts";

/** Certificates made for one test, as files that a Postgres server may read. */
export interface Certificates {
  /** Whom to trust so that the others are believed. */
  authority: string;
  servers: {
    /** For 127.0.0.1 and localhost. */
    server: CertificateFiles;
    /** For localhost alone, not for its address. */
    named: CertificateFiles;
  };
  remove(): void;
}

interface CertificateFiles {
  certificate: string;
  key: string;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Undefined where `openssl` is missing. */
export async function makeCertificates(): Promise<Certificates | undefined> {
  if (!await succeeds("openssl", ["version"])) return undefined;
  const folder = await Deno.makeTempDir();
  const authority = await makeOne(folder, "authority", [
    "-addext",
    "basicConstraints=critical,CA:TRUE",
  ]);
  const signed = ["-CA", authority.certificate, "-CAkey", authority.key];
  const issue = (name: string, hosts: string) =>
    makeOne(folder, name, [
      ...signed,
      ...["-addext", `subjectAltName=${hosts}`, "-addext", "basicConstraints=critical,CA:FALSE"],
    ]);
  const servers = {
    server: await issue("server", "DNS:localhost,IP:127.0.0.1"),
    named: await issue("named", "DNS:localhost"),
  };
  await giveToServer(folder);
  return {
    authority: authority.certificate,
    servers,
    remove: () => Deno.removeSync(folder, { recursive: true }),
  };
}

async function makeOne(folder: string, name: string, args: string[]): Promise<CertificateFiles> {
  const files = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  const made = await succeeds("openssl", [
    ...["req", "-x509", "-days", "2", "-subj", `/CN=${name}`, ...newKey],
    ...["-out", files.certificate, "-keyout", files.key, ...args],
  ]);
  if (!made) throw new Error(`openssl made no certificate ${name}`);
  return files;
}

/** Postgres refuses a key that anybody else may read. */
async function giveToServer(folder: string) {
  const account = serverAccount();
  const paths = [folder];
  for await (const { name } of Deno.readDir(folder)) paths.push(join(folder, name));
  for (const path of paths) {
    if (path.endsWith(".key")) await Deno.chmod(path, 0o600);
    if (account) await Deno.chown(path, account.uid, account.gid);
  }
}

async function succeeds(program: string, args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stderr: "null", stdout: "null" }).output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
