import { html } from "hono/html";
import type { Broker } from "./broker.ts";
import type { DeadLetter } from "./dead_letters.ts";
import { type FaultKind, faultKinds } from "./faults.ts";
import { faultWords, viewFaults } from "./fault_settings.ts";
import type { Message } from "./message.ts";
import type { Schedule } from "./schedules.ts";

const messagesShown = 100;

const style = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
  body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
  p { margin: .25rem 0; opacity: .75 }
  .wide { overflow-x: auto }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: .35rem .8rem .35rem 0; vertical-align: top;
    border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent) }
  th { font-weight: 600; opacity: .7 }
  td.long { overflow-wrap: anywhere } td.number { font-variant-numeric: tabular-nums }
  .DELIVERED { color: light-dark(#116b35, #5fd38d) }
  .FAILED, .ERROR { color: light-dark(#b3261e, #ff8a80) }
  td.number { white-space: nowrap } p.RETRY { opacity: 1 }
  .RETRY, .ACTIVE { color: light-dark(#8a5a00, #ffc666) }
  button { font: inherit; padding: .1rem .7rem; cursor: pointer }
`;

/** The whole page, made anew for every visit; it loads nothing and reloads itself every five seconds. */
export function renderPage(broker: Broker) {
  const messages = broker.messages.all();
  const out = broker.dispatch.inFlightCount();
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="refresh" content="5">
        <title>QStash stand-in</title>
        <style>${style}</style>
      </head>
      <body>
      <h1>QStash stand-in</h1>
      <p>${broker.messages.liveCount()} messages waiting or under way, ${out} of at most
        ${broker.parallelism} requests out, ${broker.quota.messagesToday()} messages taken today.
        Everything here lives in memory.</p>
      ${renderActiveFaults(broker)} ${renderSchedules(broker)}
      ${renderDeadLetters(broker.deadLetters.all().toReversed())}
      ${renderFaults(broker)}
      ${renderMessages(messages.toReversed().slice(0, messagesShown))}
      </body>
    </html>
  `;
}

/** Each kind with a switch; what is set otherwise than by the switch is shown as it was set. */
function renderFaults({ faults }: Broker) {
  const set: Record<string, unknown> = viewFaults(faults.current());
  const hits = faults.hitCounts();
  const row = (kind: FaultKind) =>
    html`
      <tr>
        <td class="${set[kind] === undefined ? "" : "RETRY"}">${kind}</td>
        <td>${faultWords[kind]}</td>
        <td class="long">${set[kind] === undefined ? "" : JSON.stringify(set[kind])}</td>
        <td class="number">${set[kind] === undefined ? "" : hits[kind]}</td>
        <td>${renderButton(
          `/dev/fault/${kind}`,
          set[kind] === undefined ? "Switch on" : "Switch off",
        )}</td>
      </tr>
    `;
  return html`
    <h2>Faults</h2>
    ${renderTable(["Fault", "What goes wrong", "Set", "Hits", ""], faultKinds.map(row))}
    <p>A switch sets the fault for every message. By label, address, text, count or rate, in JSON:
      <code>POST /dev/fault {"lose": {"label": "mail", "nth": 2}}</code>, and <code>{}</code> ends
      all of them.</p>
  `;
}

/** Said first, so that nobody wonders why messages are lost. */
function renderActiveFaults({ faults }: Broker) {
  const active = faultKinds.filter((kind) => faults.has(kind));
  return active.length === 0 ? "" : html`<p class="RETRY">Faults are on: ${active.join(", ")}.</p>`;
}

function renderSchedules(broker: Broker) {
  const schedules = [...broker.schedules.values()];
  return html`<h2>Schedules</h2>${
    renderTable(
      ["Id", "Cron", "Destination", "Last", "Next", ""],
      schedules.map((schedule) => renderSchedule(schedule, broker.timeline.dueOf(schedule))),
    )
  }`;
}

function renderSchedule({ id, cron, request, isPaused, lastMs }: Schedule, nextMs?: number) {
  return html`
    <tr>
      <td>${id}</td>
      <td>${cron.text}</td>
      <td class="long">${request.destination}</td>
      <td class="number">${moment(lastMs)}</td>
      <td class="number">${isPaused ? "paused" : moment(nextMs)}</td>
      <td>${renderButton(`/dev/schedules/${encodeURIComponent(id)}/fire`, "Fire now")}</td>
    </tr>
  `;
}

function renderDeadLetters(letters: DeadLetter[]) {
  return html`<h2>Dead letters</h2>${
    renderTable(["Id", "Destination", "Labels", "Last answer", ""], letters.map(renderDeadLetter))
  }`;
}

function renderDeadLetter({ id, message, outcome }: DeadLetter) {
  return html`
    <tr>
      <td>${id}</td>
      <td class="long">${message.url}</td>
      <td>${message.options.labels.join(", ")}</td>
      <td class="long">${outcome.status ?? outcome.error}</td>
      <td>${renderButton(`/dev/dead-letters/${id}/retry`, "Retry")}</td>
    </tr>
  `;
}

function renderMessages(messages: Message[]) {
  return html`<h2>Messages</h2>${
    renderTable(
      [
        "Id",
        "Destination",
        "Labels",
        "State",
        "Attempts",
        "Last answer",
        "Next attempt",
        "Created",
      ],
      messages.map(renderMessage),
    )
  }`;
}

function renderMessage(message: Message) {
  const { id, url, options, state, attempts, last, finishedMs, dueMs, createdMs } = message;
  return html`
    <tr>
      <td>${id}</td>
      <td class="long">${url}</td>
      <td>${options.labels.join(", ")}</td>
      <td class="${state}">${state}${message.isLost ? ", lost" : ""}</td>
      <td class="number">${attempts}</td>
      <td class="long">${last?.status ?? last?.error}</td>
      <td class="number">${moment(finishedMs === undefined ? dueMs : undefined)}</td>
      <td class="number">${moment(createdMs)}</td>
    </tr>
  `;
}

function renderTable(headings: string[], rows: unknown[]) {
  if (rows.length === 0) return html`<p>None.</p>`;
  const heads = headings.map((heading) => html`<th>${heading}</th>`);
  return html`
    <div class="wide">
      <table>
        <thead>
          <tr>${heads}</tr>
        </thead>
        <tbody>${rows}</tbody>
      </table>
    </div>
  `;
}

function renderButton(action: string, text: string) {
  return html`<form method="post" action="${action}"><button>${text}</button></form>`;
}

/** A moment in UTC, to the second. */
function moment(ms: number | undefined): string {
  return ms === undefined ? "" : new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}
