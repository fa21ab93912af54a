/** The hash that proves a result. */
import { encodePartial, type PartialResult } from "./model/mod.ts";

/**
 * "sha256:" and 64 hexadecimal digits over the merged counts and sums, the seed, the paths covered
 * and the program's fingerprint: never over ids or times. Equal results have equal hashes, however
 * they were split.
 */
export async function hashPartial(partial: PartialResult): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", encodePartial(partial));
  const digits = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0"));
  return `sha256:${digits.join("")}`;
}
