/** A call that QStash refuses: answered with this status and `{ "error": message }`. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 404 | 413;

  constructor(status: 400 | 401 | 404 | 413, message: string) {
    super(message);
    this.name = "Refusal";
    this.status = status;
  }
}
