import { toInstant } from "../../lib/time.ts";
import type { Alert, AlertEvent, AlertSettings } from "./schema.ts";
import type { AlertRow, EventRow, SettingColumns } from "./store.ts";

export function toAlert(row: AlertRow): Alert {
  return {
    id: row.id,
    version: row.version,
    kind: "price",
    symbol: row.symbol,
    ...toSettings(row),
    armed: row.armed,
    firedCount: row.fired_count,
    lastFiredAt: row.last_fired_at && toInstant(row.last_fired_at),
    createdAt: toInstant(row.created_at),
  };
}

/** What a person has set of an alert. */
export function toSettings(row: SettingColumns): AlertSettings {
  return {
    direction: row.direction,
    level: row.level,
    channels: row.channels,
    repeat: row.repeat_mode === "cooldown"
      ? { mode: "cooldown", seconds: row.cooldown_seconds ?? 60 }
      : { mode: row.repeat_mode },
    expiresAt: row.expires_at && toInstant(row.expires_at),
    note: row.note,
    enabled: row.enabled,
  };
}

/** The columns in which it is kept. */
export function toColumns({ repeat, expiresAt, ...rest }: AlertSettings): SettingColumns {
  return {
    direction: rest.direction,
    level: rest.level,
    channels: rest.channels,
    note: rest.note,
    enabled: rest.enabled,
    repeat_mode: repeat.mode,
    cooldown_seconds: repeat.mode === "cooldown" ? repeat.seconds : null,
    expires_at: expiresAt === null ? null : new Date(expiresAt),
  };
}

export function toAlertEvent(row: EventRow): AlertEvent {
  return {
    id: row.id,
    at: toInstant(row.at),
    price: row.price,
    level: row.level,
    source: row.source,
    asOf: toInstant(row.as_of),
    notificationRequestId: row.notification_request_id,
    acknowledgedAt: row.acknowledged_at && toInstant(row.acknowledged_at),
  };
}
