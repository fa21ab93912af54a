import assert from "node:assert/strict";
import fc from "fast-check";
import { contentTag } from "../../lib/content_tag.ts";

Deno.test("contentTag() tells texts apart that differ in one place, and is the same for the same text", () => {
  fc.assert(fc.property(fc.string({ minLength: 1, maxLength: 300 }), fc.nat(), (text, nat) => {
    const at = nat % text.length;
    const other = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) +
      text.slice(at + 1);
    assert.equal(contentTag(text), contentTag(`${text}`));
    assert.notEqual(contentTag(text), contentTag(other));
    assert.match(contentTag(text), /^"[0-9a-z]+"$/);
  }));
});
