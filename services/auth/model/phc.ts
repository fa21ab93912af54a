/** How much one Argon2id costs: memory in KiB, passes over it, and lanes. */
export interface Argon2Cost {
  memoryKib: number;
  passes: number;
  lanes: number;
}

/** A password's hash with all that is needed to make it again. */
export interface PasswordHash extends Argon2Cost {
  salt: Uint8Array<ArrayBuffer>;
  hash: Uint8Array<ArrayBuffer>;
}

/** Three times what OWASP asks for at least (ASVS 5.0, appendix C). */
export const passwordCost: Argon2Cost = { memoryKib: 65_536, passes: 3, lanes: 4 };

// The string is ours, but a damaged row must not ask for all the memory there is.
const memoryKibMax = 1_048_576;
const passesMax = 64;
const lanesMax = 64;
const pattern =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** The PHC string, as every Argon2 library reads it: `$argon2id$v=19$m=65536,t=3,p=4$salt$hash`. */
export function formatPhc({ memoryKib, passes, lanes, salt, hash }: PasswordHash): string {
  const parameters = `m=${memoryKib},t=${passes},p=${lanes}`;
  return `$argon2id$v=19$${parameters}$${encodeBase64(salt)}$${encodeBase64(hash)}`;
}

/** Undefined for what is not an Argon2id hash of version 19 within sane bounds. */
export function parsePhc(text: string): PasswordHash | undefined {
  const [, memory, passes, lanes, salt, hash] = pattern.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  const cost = { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  const sane = cost.memoryKib >= 8 * cost.lanes && cost.memoryKib <= memoryKibMax &&
    cost.passes >= 1 && cost.passes <= passesMax && cost.lanes >= 1 && cost.lanes <= lanesMax;
  return sane ? { ...cost, salt: decodeBase64(salt), hash: decodeBase64(hash) } : undefined;
}

/** Whether a hash was made at another cost than hashes are made at now. */
export function isOutdated(phc: string, cost: Argon2Cost): boolean {
  const parsed = parsePhc(phc);
  return parsed === undefined || parsed.memoryKib !== cost.memoryKib ||
    parsed.passes !== cost.passes || parsed.lanes !== cost.lanes;
}

/** Without padding, as the PHC format has it. */
function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
