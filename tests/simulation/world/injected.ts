/** An error that the world has made, in place of one that nobody has in a catalogue. */
export class InjectedError extends Error {
  override name = "InjectedError";
}
