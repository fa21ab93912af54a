import assert from "node:assert/strict";
import { crc32 } from "../../lib/crc32.ts";

Deno.test("crc32() answers the check value of the catalogue of CRCs, and others that are known", () => {
  // "CRC-32/ISO-HDLC" of reveng.sourceforge.io/crc-catalogue names the first.
  assert.equal(crc32("123456789"), 0xcbf43926);
  assert.equal(crc32(""), 0);
  assert.equal(crc32("The quick brown fox jumps over the lazy dog"), 0x414fa339);
});
