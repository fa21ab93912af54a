import { html } from "hono/html";
import { type Markup, renderPage } from "../support/page.ts";
import type { Address } from "./body.ts";
import type { OutboxAttachment, OutboxMail } from "./outbox.ts";

const mailsShown = 200;
const buttons = ["delivered", "bounced", "opened", "clicked", "complained"];

export function renderOutbox(mails: OutboxMail[]): Markup {
  return renderPage(
    "Outbox",
    html`
      <header>
        <h1>Outbox</h1>
        <p class="quiet">Mails kept: ${mails.length}. Nothing left this machine.</p>
        <a href="/">Look again</a>
        <a href="/dev/mails">JSON</a>
      </header>
      <ul class="rows">${mails.slice(0, mailsShown).map(renderRow)}</ul>
    `,
  );
}

function renderRow(mail: OutboxMail): Markup {
  const latest = mail.receipts.at(-1)?.kind;
  return html`<li><a href="/mails/${encodeURIComponent(mail.id)}">
    <span class="to">${mail.to.map(({ email }) => email).join(", ")}</span>
    <span>${mail.subject}</span>
    <span class="quiet">${latest ? `${latest} · ` : ""}${moment(mail.receivedMs)}</span>
  </a></li>`;
}

/** One mail: what it says, how it came, and buttons for what may become of it. */
export function renderMail(mail: OutboxMail, webhookUrl: string | undefined): Markup {
  return renderPage(
    mail.subject,
    html`
      <header><h1>${mail.subject}</h1><a href="/">All mails</a></header>
      ${renderFields(factsOf(mail))}
      <form method="post" action="/mails/${encodeURIComponent(mail.id)}/events">
        ${buttons.map((kind) => html`<button name="event" value="${kind}">${kind}</button>`)}
      </form>
      <p class="quiet">${whereReceiptsGo(webhookUrl)}</p>
      ${renderSection("Receipts", receiptsOf(mail))}
      ${mail.html ? renderHtmlPart(mail) : ""}
      ${mail.text
        ? html`
          <h2>Text</h2>
          <pre>${mail.text}</pre>
        `
        : ""}
      ${renderSection("Headers", Object.entries(mail.headers))}
      ${renderSection("Custom arguments", Object.entries(mail.customArguments))}
    `,
  );
}

function factsOf(mail: OutboxMail): [string, string][] {
  const facts: [string, string][] = [
    ["From", joinAddresses([mail.from])],
    ["To", joinAddresses(mail.to)],
    ["Cc", joinAddresses(mail.cc)],
    ["Bcc", joinAddresses(mail.bcc)],
    ["Reply to", mail.replyTo ? joinAddresses([mail.replyTo]) : ""],
    ["Attached", mail.attachments.map(({ fileName }) => fileName).join(", ")],
    ["Received", moment(mail.receivedMs)],
    ["Message id", mail.messageId],
  ];
  return facts.filter(([, value]) => value !== "");
}

function renderFields(fields: [string, string][]): Markup {
  return html`<dl>${
    fields.map(([name, value]) =>
      html`
        <dt>${name}</dt>
        <dd>${value}</dd>
      `
    )
  }</dl>`;
}

function renderSection(title: string, fields: [string, string][]): Markup | "" {
  return fields.length > 0 ? html`<h2>${title}</h2>${renderFields(fields)}` : "";
}

function receiptsOf({ receipts }: OutboxMail): [string, string][] {
  return receipts.map(({ kind, atMs, answer }) => [kind, `${moment(atMs)}, answered ${answer}`]);
}

function whereReceiptsGo(webhookUrl: string | undefined): string {
  return webhookUrl
    ? `A button sends the signed receipt to ${webhookUrl}.`
    : "No webhook is set, so that a button only notes what happened.";
}

/** The mail's html runs no script and loads nothing; its links open in a window of their own. */
function renderHtmlPart(mail: OutboxMail): Markup {
  const document = `<base target="_blank">${withInlineImages(mail)}`;
  return html`
    <h2>HTML</h2>
    <iframe title="The mail as a reader sees it" srcdoc="${document}"
      sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>
  `;
}

function withInlineImages({ html, attachments }: OutboxMail): string {
  return attachments.reduce((text, attachment) => {
    const { contentId } = attachment;
    return contentId ? text.replaceAll(`cid:${contentId}`, () => toDataUrl(attachment)) : text;
  }, html);
}

function toDataUrl({ contentType, contentBase64 }: OutboxAttachment): string {
  return `data:${contentType};base64,${contentBase64}`;
}

function joinAddresses(addresses: Address[]): string {
  return addresses.map(({ email, name }) => name ? `${name} <${email}>` : email).join(", ");
}

function moment(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
