import { html } from "hono/html";
import { catalogue, type ErrorCode } from "../../lib/errors.ts";
import { type Html, inline, page } from "./frame.ts";

/** What to do about a code, where its status alone does not tell. */
const advice: Partial<Record<ErrorCode, string>> = {
  alert_limit_reached: "Switch an alert off, or delete one, before you make another.",
  body_too_large: "Send less at once.",
  body_too_slow: "Send the body in one go.",
  busy: "Wait for `Retry-After`: the same work is being done at this moment.",
  email_taken: "Sign in with that address, or register another one.",
  invalid_credentials:
    "Check the address and the password. After several wrong ones, wait a quarter of an hour.",
  invalid_refresh_token: "Sign in again with the password. Keep only the newest refresh token.",
  invalid_signature: "Sign the raw bytes of the body with the key that was agreed on.",
  invalid_token: "Refresh the access token, or sign in again.",
  malformed_text: "Send UTF-8 without NUL and without halves of surrogate pairs, escaped ones too.",
  no_price_source: "Ask again in a moment: the markets' sources do not answer.",
  plan_not_simulatable: "Take away what `errors` names, or leave it out of the plan.",
  poison: "For QStash alone: the job is not to be delivered again.",
  required_type: "Leave at least one channel on for this kind of message.",
  simulation_finished: "Read its result: there is nothing left to cancel.",
  sign_in_busy: "Wait for `Retry-After`.",
  too_deep: "Nest the body 32 deep at most.",
  unknown_symbol: "Check the spelling: upper case, such as AAPL, BRK.B or BTC-USD.",
  weak_password: "Choose a longer password, unlike your name, your address and common ones.",
};

const adviceByStatus: Record<number, string> = {
  400: "Send JSON in UTF-8, as the reference describes it.",
  401: "Sign in: `POST /v1/auth/login`, then `Authorization: Bearer …`.",
  403: "Ask somebody of your staff for the permission, or do without.",
  404: "Check the address and the id. What is somebody else's is answered the same.",
  409: "Read what is stored now, and decide anew.",
  412: "Read it again, take its `ETag`, and repeat your change on what you then see.",
  415: "Send `Content-Type: application/json`.",
  422: "Correct what `errors` names: each entry has the place and what is wrong there.",
  426: "Update the app.",
  428: "Send `If-Match` with the `ETag` that you read.",
  429: "Wait for `Retry-After`, and ask less often: `RateLimit` tells what is left.",
  500: "It is ours to mend. Quote `instance`: by it we find what happened.",
  503: "Wait for `Retry-After`, and try again.",
};

/** Every problem there is, at the address that its documents point to. */
export function problemsPage(): string {
  const codes = (Object.keys(catalogue) as ErrorCode[]).toSorted();
  const statuses = [...new Set(codes.map((code) => catalogue[code].status))].toSorted();
  return page(
    "Almanac API: problems",
    statuses.map((status) => html`<a href="#status-${status}">${status}</a>`),
    html`<h1>Problems</h1>
<p>Errors are <a href="https://www.rfc-editor.org/rfc/rfc9457">problem documents</a>. Decide by
<code>code</code>: it never changes. <code>title</code> and <code>detail</code> are for people.</p>
${
      statuses.map((status) =>
        html`<section><h2 id="status-${status}">${status}</h2>${
          codes.filter((code) => catalogue[code].status === status).map(problemText)
        }</section>`
      )
    }`,
  );
}

function problemText(code: ErrorCode): Html {
  const { title, status } = catalogue[code];
  const retry = "retry" in catalogue[code];
  return html`
    <article class="problem" id="${code}" data-find="${code} ${status} ${title.toLowerCase()}">
      <h3><code>${code}</code></h3>
      <p>${title}</p>
      <p><strong>What to do:</strong> ${inline(
        advice[code] ?? adviceByStatus[status] ?? "Look at `detail`.",
      )}</p>
      <p><small>${status} · ${retry
        ? "The same request may work later."
        : "The same request will fail again."}</small></p>
    </article>
  `;
}
