import type { Standing } from "./rate_limit/quota.ts";

/**
 * The one catalogue of what can go wrong: code → status, public sentence, whether trying again can help.
 * A code never changes once published. What people may read stands here and in `detail`; what only we
 * need travels as `cause`, is logged once where it is handled, and is never sent.
 */
interface Entry {
  status: number;
  title: string;
  /** True where the same request may succeed later, so that a queue should deliver it again. */
  retry?: boolean;
}

export const catalogue = {
  malformed_json: { status: 400, title: "The body is not valid JSON." },
  malformed_text: {
    status: 400,
    title: "The text is not valid UTF-8, or holds a NUL or half a surrogate pair.",
  },
  too_deep: { status: 400, title: "The body is nested too deeply." },
  not_signed_in: { status: 401, title: "Sign in to do this." },
  invalid_token: { status: 401, title: "The access token is not valid." },
  invalid_credentials: { status: 401, title: "The e-mail address or the password is wrong." },
  invalid_refresh_token: { status: 401, title: "The refresh token is not valid." },
  invalid_signature: { status: 401, title: "The signature does not match." },
  forbidden: { status: 403, title: "You may not do this." },
  not_found: { status: 404, title: "There is nothing here that you can see." },
  unknown_symbol: { status: 404, title: "No source knows this symbol." },
  method_not_allowed: { status: 405, title: "This address does not answer that method." },
  body_too_slow: { status: 408, title: "The body took too long to arrive.", retry: true },
  conflict: { status: 409, title: "This conflicts with what is stored." },
  email_taken: { status: 409, title: "Somebody has registered with this e-mail address." },
  simulation_finished: { status: 409, title: "The simulation has ended already." },
  idempotency_key_running: {
    status: 409,
    title: "The first request with this key is still being worked on.",
  },
  version_mismatch: { status: 412, title: "It has changed since you read it." },
  body_too_large: { status: 413, title: "The body is too large." },
  unsupported_media_type: { status: 415, title: "Send application/json." },
  invalid_request: { status: 422, title: "The request does not fit what this address takes." },
  idempotency_key_reused: { status: 422, title: "This key was used for another request." },
  alert_limit_reached: {
    status: 422,
    title: "You have as many active alerts as one person can have.",
  },
  watchlist_limit_reached: {
    status: 422,
    title: "You have as many watchlists as one person can have.",
  },
  api_key_limit_reached: {
    status: 422,
    title: "You have as many API keys as one person can have.",
  },
  required_type: {
    status: 422,
    title: "This kind of message cannot be switched off on every channel.",
  },
  plan_not_simulatable: {
    status: 422,
    title: "The plan holds inputs that cannot be simulated yet.",
  },
  weak_password: { status: 422, title: "Choose a password that is harder to guess." },
  app_too_old: { status: 426, title: "This version of the app is no longer served." },
  missing_if_match: { status: 428, title: "Say which version you change: send If-Match." },
  too_many_requests: { status: 429, title: "Too many requests.", retry: true },
  busy: { status: 429, title: "This is being worked on already.", retry: true },
  overloaded: { status: 429, title: "There is too much going on at this moment.", retry: true },
  poison: { status: 489, title: "This job can never succeed." },
  internal: { status: 500, title: "Something went wrong on our side.", retry: true },
  unavailable: { status: 503, title: "A part that this needs does not answer.", retry: true },
  no_price_source: { status: 503, title: "No source can price this now.", retry: true },
  sign_in_busy: { status: 503, title: "Too many people sign in at this moment.", retry: true },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof catalogue;

/** One wrong place in a request: a JSON path such as `accounts.0.balance`, and what is wrong there. */
export interface FieldError {
  path: string;
  message: string;
}

export interface FailureDetails {
  /** A sentence that people may read. Never an error's own text. */
  detail?: string;
  errors?: FieldError[];
  retryAfterSeconds?: number;
  /** The methods that an address answers, for 405. */
  allow?: string;
  /** How the caller stands with a limit, for 429. */
  standing?: Standing;
  /** The current entity tag, for 412. */
  etag?: string;
  /** What has to be used instead, for 426. */
  upgrade?: string;
  cause?: unknown;
}

/** An expected failure, named in the catalogue. Everything else that is thrown is a bug and answers `internal`. */
export class Failure extends Error {
  override name = "Failure";
  readonly code: ErrorCode;
  readonly details: FailureDetails;

  constructor(code: ErrorCode, details: FailureDetails = {}) {
    super(details.detail ?? catalogue[code].title, { cause: details.cause });
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  get retry(): boolean {
    return (catalogue[this.code] as Entry).retry ?? false;
  }
}

/** Throws the catalogue's failure `code`; an expression, so that it fits after `??`. */
export function fail(code: ErrorCode, details?: FailureDetails): never {
  throw new Failure(code, details);
}

export function isFailure(error: unknown, code?: ErrorCode): error is Failure {
  return error instanceof Failure && (code === undefined || error.code === code);
}
