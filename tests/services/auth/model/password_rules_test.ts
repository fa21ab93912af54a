import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isTooLong,
  normalisePassword,
  weaknessOf,
} from "../../../../services/auth/model/password_rules.ts";

const ada = { email: "ada.lovelace@example.com", name: "Ada Lovelace" };
const judge = (password: string) => weaknessOf(normalisePassword(password), ada);

Deno.test("a password that many people choose is refused, however it is dressed up", () => {
  const refused = [
    "password",
    "Password1!",
    "P@ssw0rd2024",
    "123password123",
    "letmein!!!",
    "Sunshine99",
    "iloveyou7",
    "!!Welcome1",
    "S3cr3t!!!",
    "ADMINISTRATOR",
    "Liverpool1892",
    "almanac2026",
    "ｐａｓｓｗｏｒｄ",
  ];
  for (const password of refused) assert.ok(judge(password), password);
});

Deno.test("a row of keys or one part over and over is refused", () => {
  const refused = [
    "12345678",
    "87654321",
    "aaaaaaaa",
    "abcabcabc",
    "abcdefghij",
    "qwertyuiop",
    "asdfghjkl;",
    "qwe123asd",
    "11223344",
    "20202020",
    "😀😀😀😀😀😀😀😀",
  ];
  for (const password of refused) assert.ok(judge(password), password);
});

Deno.test("a password close to the name or the address is refused", () => {
  const refused = [
    "adalovelace",
    "AdaLovelace1",
    "lovelace2026",
    "ada.lovelace@example.com",
    "1815-Lovelace!",
    "adalovelacee",
    "example2024",
  ];
  for (const password of refused) assert.ok(judge(password), password);
});

Deno.test("a password that is long enough and one's own is taken, in any script", () => {
  const taken = [
    "correct horse battery staple",
    "a-fine-long-passphrase",
    "пароль-для-погоды",
    "天使と悪魔の夜明け前に",
    "Tr0ub4dour&3x",
    "lovelace invented the loop",
    "7Gk!pQ2z",
    "zebra cello 42",
  ];
  for (const password of taken) assert.equal(judge(password), undefined, password);
});

Deno.test("length counts characters as people see them: eight at least, 128 at most", () => {
  assert.ok(judge("7Gk!pQ2"));
  assert.ok(judge("🦊🐻🐼🐨"), "four characters of two units each");
  assert.equal(judge("🦊🐻🐼🐨🦁🐮🐷🐸"), undefined);
  assert.equal(isTooLong("🦊".repeat(128)), false);
  assert.equal(isTooLong("🦊".repeat(129)), true);
});

Deno.test("every text that can be a password is judged, and a refusal says why", () => {
  const person = { email: `${"a".repeat(200)}@example.com`, name: "b".repeat(100) };
  fc.assert(
    fc.property(fc.string({ maxLength: 128, unit: "binary" }), (password) => {
      const message = weaknessOf(normalisePassword(password), person);
      assert.ok(message === undefined || message.length > 0);
    }),
    { numRuns: 200, examples: [["a".repeat(128)], ["ab".repeat(64)], ["abcd".repeat(31) + "abc"]] },
  );
});
