import type { Context, Hono } from "hono";
import type { MailBody } from "./body.ts";
import type { Intake } from "./intake.ts";
import { type ApiError, checkMail } from "./validate.ts";

/** SendGrid's limit on a whole message. */
const bodyLimitBytes = 30 * 1024 * 1024;

interface ApiOptions {
  apiKey: string;
  intake: Intake;
  report: (line: string) => void;
}

/** POST /v3/mail/send as documented; everything else below /v3 is not found. */
export function mountApi(app: Hono, options: ApiOptions) {
  app.post("/v3/mail/send", (c) => send(c, options));
  app.all("/v3/mail/send", () => toApiError(405));
  app.all("/v3/*", () => toApiError(404));
}

async function send(c: Context, { apiKey, intake, report }: ApiOptions): Promise<Response> {
  const authorization = c.req.header("authorization");
  if (!authorization) return refuse(401, [{ message: "Permission denied, wrong credentials" }]);
  if (authorization !== `Bearer ${apiKey}`) return toApiError(401);
  if (!/^application\/json\b/i.test(c.req.header("content-type") ?? "")) return toApiError(415);
  const bytes = await c.req.arrayBuffer();
  if (bytes.byteLength > bodyLimitBytes) return toApiError(413);
  const body = parse(bytes);
  if (body === undefined) return toApiError(400);
  const errors = checkMail(body);
  if (errors.length > 0) return refuse(400, errors);
  const mail = body as MailBody;
  const id = intake.take(mail);
  const recipients = mail.personalizations.flatMap(({ to }) => to ?? []);
  report(`mail to ${recipients.map(({ email }) => email).join(", ")}: ${mail.subject ?? ""}`);
  return new Response(null, { status: 202, headers: { "x-message-id": id } });
}

function parse(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

const messages: Record<number, string> = {
  400: "Bad Request",
  401: "The provided authorization grant is invalid, expired, or revoked",
  403: "access forbidden",
  404: "not found",
  405: "method not allowed",
  413: "The JSON payload you have included in your request is too large.",
  415: "Content-Type should be application/json.",
  429: "too many requests",
};

/** The answer with SendGrid's words for a status. */
export function toApiError(status: number): Response {
  return refuse(status, [{ message: messages[status] ?? "internal error" }]);
}

function refuse(status: number, errors: ApiError[]): Response {
  const full = errors.map(({ message, field = null, help = null }) => ({ message, field, help }));
  return Response.json({ errors: full }, { status });
}
