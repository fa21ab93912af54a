import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { createCursorSeal } from "../../lib/cursor.ts";

const sealOf = (key: string) =>
  createCursorSeal((text) => new Uint8Array(createHmac("sha256", key).update(text).digest()));
const ours = sealOf("a key of ours");
const about = "ada\n/v1/plans";

const places = fc.string({ unit: "grapheme", maxLength: 60 });

Deno.test("a cursor opens to the place that it was made of, and only for whom and where it was made", () => {
  fc.assert(fc.property(places, places, (place, other) => {
    const cursor = ours.seal(place, about);
    assert.match(cursor, /^[\w-]{16,}$/);
    assert.equal(ours.open(cursor, about), place.toWellFormed());
    fc.pre(other !== about);
    assert.equal(ours.open(cursor, other), undefined);
    assert.equal(ours.open(cursor, "bob\n/v1/plans"), undefined);
    assert.equal(ours.open(cursor, "ada\n/v1/alerts"), undefined);
    assert.equal(sealOf("another key").open(cursor, about), undefined);
  }));
});

Deno.test("a cursor in which one bit was changed opens to nothing, wherever the bit is", () => {
  const cursor = ours.seal("1700000000000~0190b0f0-0000-7000-8000-000000000001", about);
  const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const forged = bytes.slice();
    forged[bit >> 3]! ^= 1 << (bit & 7);
    const text = forged.toBase64({ alphabet: "base64url", omitPadding: true });
    assert.equal(ours.open(text, about), undefined, `bit ${bit}`);
  }
  for (let length = 0; length < bytes.length; length++) {
    const text = bytes.slice(0, length).toBase64({ alphabet: "base64url", omitPadding: true });
    assert.equal(ours.open(text, about), undefined, `${length} bytes`);
  }
});

Deno.test("a cursor has one spelling, and text that is none opens to nothing", () => {
  const cursor = ours.seal("42", about);
  assert.equal(ours.open(cursor, about), "42");
  // 14 bytes end in four spare bits of base64: fifteen other texts decode to the same bytes.
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const texts = [...alphabet].map((last) => cursor.slice(0, -1) + last);
  assert.deepEqual(texts.filter((text) => ours.open(text, about) === "42"), [cursor]);
  for (
    const text of [
      "",
      "A",
      "42",
      `${cursor}=`,
      ` ${cursor}`,
      `${cursor}\n`,
      "é",
      "\0",
      "A".repeat(401),
    ]
  ) {
    assert.equal(ours.open(text, about), undefined, JSON.stringify(text));
  }
});
