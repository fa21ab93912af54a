import assert from "node:assert/strict";
import {
  channels,
  inForce,
  mailAddress,
  messageTypes,
  unreachableTypes,
} from "../../../../services/preferences/model/mod.ts";
import { PreferencesInput } from "../../../../services/preferences/schema.ts";

const account = { email: "ada@example.com", emailVerified: true };
const of = (input: unknown) => inForce(1, PreferencesInput.parse(input), account);

Deno.test("the matrix in force names every channel and type, and the person's word stands over the default", () => {
  const { channels: matrix } = of({
    channels: { email: { digest: true, welcome: false }, sms: { market_alert: true } },
  });
  assert.deepEqual(Object.keys(matrix), [...channels]);
  for (const channel of channels) assert.deepEqual(Object.keys(matrix[channel]), [...messageTypes]);
  assert.deepEqual(
    [matrix.email.digest, matrix.email.welcome, matrix.sms.market_alert],
    [true, false, true],
  );
  // Nobody is sent what costs money or goes to machines without having asked.
  assert.deepEqual(
    [matrix.email.market_alert, matrix.sms.plan_ready, matrix.webhook.security_alert],
    [true, false, false],
  );
});

Deno.test("a required type is unreachable only where every channel is off for it", () => {
  const off = (...names: string[]) =>
    Object.fromEntries(names.map((name) => [name, { security_alert: false }]));
  assert.deepEqual(unreachableTypes(of({})), []);
  assert.deepEqual(unreachableTypes(of({ channels: off("email", "push", "sms") })), []);
  const everywhere = off("email", "push", "sms", "in_app", "webhook");
  assert.deepEqual(unreachableTypes(of({ channels: everywhere })), ["security_alert"]);
});

Deno.test("mails go to an address of the person's own only once it is known to be theirs", () => {
  const named = of({ addresses: { email: "someone.else@example.org" } });
  assert.deepEqual(named.addresses.email, {
    address: "someone.else@example.org",
    verified: false,
  });
  assert.equal(mailAddress(named, account), account.email);
  const shown = { address: "someone.else@example.org", verified: true };
  const verified = { ...named, addresses: { email: shown } };
  assert.equal(mailAddress(verified, account), "someone.else@example.org");
  // The account's own address, however it is spelt, is no second one.
  assert.deepEqual(of({ addresses: { email: "ADA@example.com" } }).addresses.email, {
    address: account.email,
    verified: true,
  });
});
