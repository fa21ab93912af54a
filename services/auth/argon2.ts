import type { Argon2Cost } from "./model/phc.ts";

/** What goes into one Argon2id (RFC 9106). */
export interface Argon2Input extends Argon2Cost {
  password: string | Uint8Array<ArrayBuffer>;
  salt: Uint8Array<ArrayBuffer>;
  sizeBytes: number;
  /** RFC 9106's K and X: a key of the server, and data that the hash is bound to. */
  secret?: Uint8Array<ArrayBuffer>;
  associatedData?: Uint8Array<ArrayBuffer>;
}

type Argon2 = (input: Argon2Input) => Promise<Uint8Array<ArrayBuffer>>;
interface Argon2Params extends Algorithm {
  memory: number;
  passes: number;
  parallelism: number;
  nonce: Uint8Array<ArrayBuffer>;
  secretValue?: Uint8Array<ArrayBuffer>;
  associatedData?: Uint8Array<ArrayBuffer>;
}

let chosen: Promise<Argon2> | undefined;

/** Argon2id by the runtime where it has it, which leaves the event loop free, or else by WebAssembly, which does not. */
export async function argon2id(input: Argon2Input): Promise<Uint8Array<ArrayBuffer>> {
  chosen ??= hasNativeArgon2().then((native) => native ? nativeArgon2id : wasmArgon2id);
  return await (await chosen)(input);
}

/** By WebCrypto. Deno has it from 2.9 on. */
export async function nativeArgon2id(input: Argon2Input): Promise<Uint8Array<ArrayBuffer>> {
  const params: Argon2Params = {
    name: "Argon2id",
    memory: input.memoryKib,
    passes: input.passes,
    parallelism: input.lanes,
    nonce: input.salt,
    ...(input.secret ? { secretValue: input.secret } : {}),
    ...(input.associatedData ? { associatedData: input.associatedData } : {}),
  };
  const key = await importPassword(bytesOf(input.password));
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, input.sizeBytes * 8));
}

/** By hash-wasm, which has no associated data; loaded when it is first needed. */
export async function wasmArgon2id(input: Argon2Input): Promise<Uint8Array<ArrayBuffer>> {
  const { argon2id: derive } = await import("hash-wasm");
  const hash = await derive({
    password: bytesOf(input.password),
    salt: input.salt,
    iterations: input.passes,
    parallelism: input.lanes,
    memorySize: input.memoryKib,
    hashLength: input.sizeBytes,
    outputType: "binary",
    ...(input.secret ? { secret: input.secret } : {}),
  });
  return new Uint8Array(hash);
}

async function hasNativeArgon2(): Promise<boolean> {
  return await importPassword(new Uint8Array(8)).then(() => true, () => false);
}

function importPassword(password: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  // The types of the runtime do not list this format on every version that has it.
  const format = "raw-secret" as "raw";
  return crypto.subtle.importKey(format, password, "Argon2id", false, ["deriveBits"]);
}

function bytesOf(password: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return typeof password === "string" ? new TextEncoder().encode(password) : password;
}
