/** Every way to a person. */
export const channels = ["email", "push", "sms", "in_app", "webhook"] as const;
export type Channel = (typeof channels)[number];

/** Every kind of message. */
export const messageTypes = [
  "welcome",
  "verify_email",
  "goal_achievement",
  "market_alert",
  "security_alert",
  "verification_code",
  "plan_ready",
  "goal_probability",
  "rebalance_due",
  "document_processed",
  "provider_down",
  "erasure_done",
  "export_ready",
  "order_update",
  "digest",
] as const;
export type MessageType = (typeof messageTypes)[number];

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
