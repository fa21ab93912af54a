/**
 * Every table that holds personal data, with the part of a person's export that it must become and what erasing that
 * person must do to it. A test holds the list against the migrations, so no such table is forgotten.
 */
export const personalTables: Record<string, PersonalTable> = {
  // Copies, for a day, of answers about what is exported as itself.
  idempotency_keys: { owner: "jobs", exportedAs: null, erasedBy: "delete" },
  // Numbers of the changes below: theirs, and about nothing.
  change_counters: { owner: "changes", exportedAs: null, erasedBy: "delete" },
  changes: { owner: "changes", exportedAs: "changes", erasedBy: "delete" },
  audit_log: {
    owner: "audit",
    exportedAs: "activity",
    erasedBy: "retain",
    why:
      "Law asks for seven years of it. It names people by id only, and no value is kept in the clear.",
  },
  // The row stays, emptied, so that what is retained elsewhere still points at somebody who cannot be named.
  users: { owner: "auth", exportedAs: "profile", erasedBy: "anonymise" },
  sessions: { owner: "auth", exportedAs: "sessions", erasedBy: "delete" },
  api_keys: { owner: "auth", exportedAs: "api_keys", erasedBy: "delete" },
  preferences: { owner: "preferences", exportedAs: "preferences", erasedBy: "delete" },
  preference_history: {
    owner: "preferences",
    exportedAs: "preference_history",
    erasedBy: "delete",
  },
  notifications: { owner: "notifications", exportedAs: "notifications", erasedBy: "delete" },
  notification_events: {
    owner: "notifications",
    exportedAs: "notification_events",
    erasedBy: "delete",
  },
  // What a receipt tells about a person is in the events of their notification.
  receipts: { owner: "notifications", exportedAs: null, erasedBy: "delete" },
  suppressions: {
    owner: "notifications",
    exportedAs: "suppressions",
    erasedBy: "retain",
    why: "Who asked not to be written to must not be written to again: it protects that person.",
  },
  watchlists: { owner: "watchlists", exportedAs: "watchlists", erasedBy: "delete" },
  plans: { owner: "plans", exportedAs: "plans", erasedBy: "delete" },
  plan_versions: { owner: "plans", exportedAs: "plan_versions", erasedBy: "delete" },
  simulations: { owner: "plans", exportedAs: "simulations", erasedBy: "delete" },
  alerts: { owner: "alerts", exportedAs: "alerts", erasedBy: "delete" },
  alert_events: { owner: "alerts", exportedAs: "alert_events", erasedBy: "delete" },
};

/** What becomes of the rows of one table. */
export type PersonalTable =
  & {
    /** The domain whose migration created it. */
    owner: string;
    /** The section of the export that holds the person's rows; null for what is theirs but not about them. */
    exportedAs: string | null;
  }
  & (
    | { erasedBy: "delete" | "anonymise"; why?: string }
    // What the law or the person's own protection makes us keep, and which of the two it is.
    | { erasedBy: "retain"; why: string }
  );
