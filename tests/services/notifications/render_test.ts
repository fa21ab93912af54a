import assert from "node:assert/strict";
import { startSendGrid } from "../../../dev/vendors/sendgrid.ts";
import { create, settings } from "../../../services/notifications/providers/sendgrid/mod.ts";
import { checkVariables, renderItem, renderMail } from "../../../services/notifications/render.ts";
import { hasTemplate, templateOf } from "../../../services/notifications/templates/mod.ts";
import { type MessageType, messageTypes } from "../../../services/preferences/mod.ts";
import { alertData } from "./message_world.ts";

const reader = { timeZone: "Europe/Berlin" };
const url = "https://almanac.example";

/** A message of each type that is shipped, with what an HTML page must not take at its word. */
const samples: Partial<Record<MessageType, Record<string, unknown>>> = {
  welcome: { name: "Ada <b>& Co</b>" },
  market_alert: { ...alertData, note: "Sell <b>half</b> & think" },
  plan_ready: { planName: "Out at 62 <b>&</b>", planId: "p", successPercent: 81 },
  security_alert: { event: "A new device <b>&</b>", at: "2026-01-30T15:31:02.000Z" },
};

const shipped = messageTypes.filter((type) => templateOf(type));

Deno.test("every text that is shipped fills in completely, escapes what it is given, and passes the vendor's checks", async () => {
  assert.deepEqual(shipped.toSorted(), Object.keys(samples).toSorted());
  const vendor = await startSendGrid();
  try {
    const provider = create(settings.parse({ apiKey: vendor.apiKey, baseUrl: vendor.url }));
    for (const type of shipped) {
      const data = samples[type] ?? {};
      checkVariables(type, data);
      const mail = await renderMail(type, data, reader, url);
      const item = await renderItem(type, data, reader);
      for (const text of [...Object.values(mail), ...Object.values(item)]) {
        assert.ok(!/\{[{%]|undefined|null|NaN/.test(text), `${type}: ${text}`);
        assert.ok(text.trim().length > 5, type);
      }
      assert.ok(!mail.html.includes("<b>") && mail.html.includes("&lt;b&gt;"), type);
      assert.ok(mail.text.includes("<b>") && !mail.text.includes("&lt;"), type);
      assert.match(mail.html, /href="https:\/\/almanac\.example\/docs#get_preferences"/);
      assert.ok(mail.text.includes(`${url}/docs#get_preferences`), type);
      assert.ok(!/\n{3}/.test(mail.text), `${type} has holes between its lines`);
      const sent = await provider.send({
        from: { email: "hello@almanac.example", name: "Almanac" },
        to: { email: "ada@example.com" },
        ...mail,
        headers: {},
        customArguments: { notificationId: "1" },
      }, { signal: new AbortController().signal, idempotencyKey: "1" });
      assert.equal(sent.outcome, "accepted", type);
    }
  } finally {
    await vendor.stop();
  }
});

Deno.test("a text without one of its variables is refused before it is queued, whichever is missing", () => {
  for (const type of shipped) {
    const data = samples[type] ?? {};
    for (const name of Object.keys(data)) {
      const { [name]: _, ...rest } = data;
      assert.throws(
        () => checkVariables(type, rest),
        (error: { details?: { errors?: { path: string }[] } }) =>
          error.details?.errors?.some(({ path }) => path === `data.${name}`) ?? false,
        `${type} without ${name}`,
      );
    }
  }
});

Deno.test("a moment is told by the reader's own clock", async () => {
  const inZone = async (timeZone: string) =>
    (await renderMail("market_alert", alertData, { timeZone }, url)).text;
  assert.match(await inZone("Europe/Berlin"), /30 January 2026.* 16:31 \(Europe\/Berlin\)/);
  assert.match(await inZone("America/New_York"), /30 January 2026.* 10:31 \(America\/New_York\)/);
  assert.match(await inZone("Pacific/Auckland"), /31 January 2026.* 04:31 \(Pacific\/Auckland\)/);
});

Deno.test("a line break in a name begins no other header", async () => {
  const data = { name: "Ada\r\nBcc: eve@example.com" };
  const { subject } = await renderMail("welcome", data, reader, url);
  assert.equal(subject, "Welcome to Almanac, Ada Bcc: eve@example.com");
});

Deno.test("what a person is given to fill in is never taken for a template", async () => {
  const data = { ...alertData, note: "{{ links.home }} {% include '/etc/passwd' %}" };
  const { text } = await renderMail("market_alert", data, reader, url);
  assert.ok(text.includes("Your note: {{ links.home }} {% include '/etc/passwd' %}"));
});

Deno.test("there is a text only over the channels for which it was written", () => {
  assert.ok(hasTemplate("welcome", "email") && hasTemplate("welcome", "in_app"));
  assert.ok(!hasTemplate("welcome", "sms") && !hasTemplate("digest", "email"));
});
