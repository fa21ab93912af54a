/** A migration that cannot or must not be applied; the message names the file and says why. */
export class MigrationError extends Error {
  override name = "MigrationError";
}
