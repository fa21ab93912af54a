/** A refresh token says which it is, so that a forged one is refused without asking the database. */
export interface RefreshToken {
  sessionId: string;
  /** Counts the tokens of a session from 0. */
  n: number;
  /** 256 bits over both, which only we can make. */
  mac: Uint8Array;
}

const idBytes = 16;
const headBytes = idBytes + 4;
const sizeBytes = headBytes + 32;
const pattern = /^[\w-]{70}$/;

/** What the code of a token is made over: the session's id and n. */
export function refreshTokenHead(sessionId: string, n: number): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(headBytes);
  const hex = sessionId.replaceAll("-", "");
  for (let at = 0; at < idBytes; at++) head[at] = parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  new DataView(head.buffer).setUint32(idBytes, n);
  return head;
}

export function formatRefreshToken({ sessionId, n, mac }: RefreshToken): string {
  const bytes = new Uint8Array(sizeBytes);
  bytes.set(refreshTokenHead(sessionId, n));
  bytes.set(mac, headBytes);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}

/** Undefined for what does not look like one. The code is not checked here. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  if (!pattern.test(text)) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  const hex = Array.from(bytes.subarray(0, idBytes), (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  const n = new DataView(bytes.buffer).getUint32(idBytes);
  const sessionId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { sessionId, n, mac: bytes.slice(headBytes) };
}
