import assert from "node:assert/strict";
import { demoPassword, demoPeople } from "../../../dev/seed/people.ts";
import { isFailure } from "../../../lib/errors.ts";
import { systemRandom } from "../../../lib/random.ts";
import { argon2id, nativeArgon2id, wasmArgon2id } from "../../../services/auth/argon2.ts";
import { passwordCost } from "../../../services/auth/model/phc.ts";
import { createPasswordHasher } from "../../../services/auth/passwords.ts";

const vectorUrl = new URL("../../../../shared/data/security/argon2_rfc9106.json", import.meta.url);
const vectorText = await Deno.readTextFile(vectorUrl).catch(() => undefined);
const cheap = { memoryKib: 64, passes: 1, lanes: 1 };

const hasNative = await nativeArgon2id({
  ...cheap,
  password: "x",
  salt: new Uint8Array(16),
  sizeBytes: 32,
})
  .then(() => true, () => false);

/** Deno has Argon2id of its own from 2.9 on; before that there is nothing to test. */
function testNative(name: string, given: boolean, missing: string, fn: () => Promise<void>) {
  Deno.test({ name: given ? name : `${name} (skipped: ${missing})`, ignore: !given, fn });
}

// RFC 9106, section 5.3.
testNative(
  "nativeArgon2id() gives RFC 9106's vector",
  hasNative && vectorText !== undefined,
  vectorText === undefined ? "../shared/data is missing" : "this Deno has no native Argon2id",
  async () => {
    const vector = JSON.parse(vectorText ?? "{}");
    const hash = await nativeArgon2id({
      password: bytes(vector.password_hex),
      salt: bytes(vector.salt_hex),
      secret: bytes(vector.secret_hex),
      associatedData: bytes(vector.associated_data_hex),
      memoryKib: vector.memory_kib,
      passes: vector.passes,
      lanes: vector.parallelism,
      sizeBytes: vector.tag_length,
    });
    assert.equal(hash.toHex(), vector.tags.argon2id);
  },
);

testNative(
  "both implementations of Argon2id give the same hash",
  hasNative,
  "this Deno has no native Argon2id",
  async () => {
    const passwords = ["a", "correct horse battery staple", "пароль ☃ 密码", "x".repeat(512)];
    const costs = [
      cheap,
      { memoryKib: 256, passes: 3, lanes: 4 },
      { memoryKib: 1_000, passes: 2, lanes: 3 },
    ];
    for (const password of passwords) {
      for (const cost of costs) {
        const input = { ...cost, password, salt: systemRandom(16), sizeBytes: 32 };
        const native = await nativeArgon2id(input);
        assert.deepEqual(await wasmArgon2id(input), native);
        assert.deepEqual(await argon2id(input), native);
      }
    }
  },
);

Deno.test("a password costs 64 MiB, three passes and four lanes, and its hash says so", async () => {
  const hasher = createPasswordHasher(systemRandom, passwordCost);
  const phc = await hasher.hash("correct horse battery staple");
  assert.match(phc, /^\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await hasher.matches("correct horse battery staple", phc), true);
  assert.equal(await hasher.matches("correct horse battery stapl", phc), false);
  assert.equal(hasher.isOutdated(phc), false);
});

Deno.test("the demo people's precomputed hashes are of the demo password", async () => {
  const hasher = createPasswordHasher(systemRandom, passwordCost);
  for (const { passwordHash, email } of Object.values(demoPeople)) {
    assert.equal(await hasher.matches(demoPassword, passwordHash), true, email);
    assert.equal(hasher.isOutdated(passwordHash), false);
  }
});

Deno.test("the same password hashes differently each time, and no password matches the decoy", async () => {
  const hasher = createPasswordHasher(systemRandom, cheap);
  const [one, two] = [await hasher.hash("same password"), await hasher.hash("same password")];
  assert.notEqual(one, two);
  assert.equal(await hasher.matches("same password", hasher.decoy), false);
});

Deno.test("two passwords are hashed at once, 32 wait, and whoever comes then is told so", async () => {
  const hasher = createPasswordHasher(systemRandom, cheap);
  const storm = await Promise.allSettled(
    Array.from({ length: 40 }, (_, n) => hasher.hash(`password ${n}`)),
  );
  const refused = storm.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
  assert.equal(refused.length, 6);
  for (const error of refused) {
    assert.ok(isFailure(error, "sign_in_busy"));
    assert.ok((error.details.retryAfterSeconds ?? 0) > 0);
  }
  assert.match(await hasher.hash("afterwards"), /^\$argon2id/);
});

Deno.test("a hash that cannot be read fails its own sign-in and hands its place on", async () => {
  const hasher = createPasswordHasher(systemRandom, cheap);
  for (let times = 0; times < 5; times++) {
    await assert.rejects(
      hasher.matches("x", "$2b$10$abc"),
      (error) => isFailure(error, "internal"),
    );
  }
  assert.match(await hasher.hash("afterwards"), /^\$argon2id/);
});

testNative(
  "hashing leaves the event loop to others",
  hasNative,
  "this Deno has no native Argon2id",
  async () => {
    const hasher = createPasswordHasher(systemRandom, passwordCost);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await hasher.hash("correct horse battery staple");
    clearInterval(timer);
    assert.ok(ticks >= 5, `${ticks} ticks`);
  },
);

function bytes(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(hex);
}
