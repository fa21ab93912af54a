/** What the world does in place of the product's own edges, so that a mutation can make it wrong. */
export const habits = {
  /** The door answers 200, ends the message, and does the work afterwards. */
  answersFirst: false,
  /** A report counts for whatever round its message is in by then. */
  believesOldReports: false,
  /** The vendor sees another key at each try. */
  freshKeys: false,
};
