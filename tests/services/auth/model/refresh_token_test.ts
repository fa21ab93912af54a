import assert from "node:assert/strict";
import fc from "fast-check";
import { dayMs } from "../../../../lib/time.ts";
import { judgeRefresh, sessionEndMs } from "../../../../services/auth/model/refresh_chain.ts";
import {
  formatRefreshToken,
  parseRefreshToken,
  refreshTokenHead,
} from "../../../../services/auth/model/refresh_token.ts";

const token = fc.record({
  sessionId: fc.uuid({ version: 7 }),
  n: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  mac: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => new Uint8Array(bytes)),
}, { noNullPrototype: true });

Deno.test("a refresh token reads back to what it was made of, in 70 characters that need no escaping", () => {
  fc.assert(fc.property(token, (made) => {
    const text = formatRefreshToken(made);
    assert.match(text, /^[\w-]{70}$/);
    assert.deepEqual(parseRefreshToken(text), made);
  }));
});

Deno.test("no two tokens are made over the same head", () => {
  fc.assert(fc.property(token, token, (one, two) => {
    const same = one.sessionId === two.sessionId && one.n === two.n;
    const [left, right] = [one, two].map(({ sessionId, n }) =>
      String(refreshTokenHead(sessionId, n))
    );
    assert.equal(left === right, same);
  }));
});

Deno.test("text that is no refresh token is not read, whatever it is", () => {
  const strange = fc.string().filter((text) => !/^[\w-]{70}$/.test(text));
  fc.assert(fc.property(strange, (text) => assert.equal(parseRefreshToken(text), undefined)));
});

const nowMs = Date.UTC(2026, 0, 31);
const chain = { n: 5, expiresAtMs: nowMs + dayMs, revoked: false };

const verdicts: [number, string][] = [
  [6, "ended"],
  [5, "advance"],
  [4, "repeat"],
  [3, "reuse"],
  [0, "reuse"],
];
for (const [n, verdict] of verdicts) {
  Deno.test(`of a session at token 5, token ${n} means: ${verdict}`, () => {
    assert.equal(judgeRefresh(chain, n, nowMs), verdict);
    assert.equal(judgeRefresh({ ...chain, revoked: true }, n, nowMs), "ended");
    assert.equal(judgeRefresh({ ...chain, expiresAtMs: nowMs }, n, nowMs), "ended");
  });
}

Deno.test("a session ends 30 days after its last use and a year after its beginning, whichever is first", () => {
  assert.equal(sessionEndMs(nowMs, nowMs) - nowMs, 30 * dayMs);
  assert.equal(sessionEndMs(nowMs, nowMs + 300 * dayMs) - nowMs, 330 * dayMs);
  assert.equal(sessionEndMs(nowMs, nowMs + 350 * dayMs) - nowMs, 365 * dayMs);
});
