type RefusalStatus = 400 | 401 | 403 | 404 | 412 | 413 | 429;

/** A call that QStash refuses: answered with this status and `{ "error": message }`. */
export class Refusal extends Error {
  readonly status: RefusalStatus;
  readonly headers: Record<string, string>;

  constructor(status: RefusalStatus, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.headers = headers;
  }
}

/** 412 is how QStash says that a plan has room for no more of something. */
export function requireRoom(count: number, max: number, what: string) {
  if (count > max) throw new Refusal(412, `the plan allows at most ${max} ${what}`);
}
