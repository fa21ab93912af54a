import type { Channel, MessageType } from "../../../services/preferences/mod.ts";
import type { Status } from "../../../services/notifications/schema.ts";
import { Table, type Transaction, transactionOf } from "./tables.ts";
import type { Sql } from "../../../lib/database.ts";

type Moment = number | null;

/** The columns that the verbs use, moments in milliseconds. */
export interface OutboxRow {
  id: string;
  job: string;
  key: string;
  version: number;
  payload: Record<string, unknown>;
  not_before: Moment;
  attempts: number;
  next_attempt_at: number;
  published_at: Moment;
  message_id: string | null;
  request_id: string | null;
  traceparent: string | null;
  units: number;
  round: number;
  ended_at: Moment;
}

export interface RunRow {
  job: string;
  key: string;
  version: number;
  state: "running" | "succeeded" | "failed" | "dead" | "replaced";
  attempts: number;
  fence: number;
  lease_until: Moment;
  message_id: string | null;
  request_id: string | null;
  started_at: number;
  finished_at: Moment;
  duration_ms: number | null;
  error_code: string | null;
  progress_done: number | null;
  progress_total: number | null;
}

export interface LetterRow {
  id: string;
  job: string;
  key: string;
  version: number;
  payload: Record<string, unknown>;
  reason: string;
  status: number | null;
  attempts: number;
  created_at: number;
  replayed_at: Moment;
  replay_version: number | null;
  state: string;
}

export interface ScheduleState {
  job: string;
  last_due_at: number;
  paused: boolean;
  timing: string;
  catch_up: string;
  next_due_at: Moment;
  paused_at: Moment;
  synced_at: number;
}

export interface NotificationState {
  id: string;
  request_id: string;
  user_id: string;
  type: MessageType;
  channel: Channel;
  priority: number;
  status: Status;
  data: Record<string, unknown>;
  title: string | null;
  body: string | null;
  dedupe_key: string | null;
  created_at: number;
  expires_at: Moment;
  attempts: number;
  next_attempt_at: number;
  claim_rank: number;
  lease_until: Moment;
  fence: number;
  maybe_sent: boolean;
  provider: string | null;
  provider_message_id: string | null;
}

export interface EventState {
  id: string;
  notification_id: string;
  user_id: string;
  at: number;
  status: Status;
  reason: string;
  provider: string | null;
  provider_message_id: string | null;
  moved: boolean;
}

export interface ReceiptState {
  provider: string;
  event_id: string;
  notification_id: string | null;
  provider_message_id: string | null;
  recipient: string | null;
  kind: string;
  reason: string | null;
  permanent: boolean;
  machine: boolean;
  reported_at: number;
  received_at: number;
  applied_at: Moment;
}

export interface SuppressionState {
  channel: string;
  address: string;
  reason: string;
  created_at: number;
}

/** Postgres, as far as delivery needs it. */
export class State {
  readonly advisory = new Map<string, Transaction>();
  readonly outbox = new Table<OutboxRow>("outbox");
  readonly outboxNames = new Map<string, string>();
  readonly runs = new Table<RunRow>("job_runs");
  readonly letters = new Table<LetterRow>("dead_letters");
  readonly letterNames = new Map<string, string>();
  readonly schedules = new Table<ScheduleState>("schedules");
  readonly notifications = new Table<NotificationState>("notifications");
  readonly events = new Table<EventState>("notification_events");
  readonly receipts = new Table<ReceiptState>("receipts");
  readonly suppressions = new Table<SuppressionState>("suppressions");
  /** What the simulation's own jobs write: how often each piece of work has had its effect. */
  readonly effects = new Table<number>("effects");
  /** What somebody has asked for, written in the transaction that asks. */
  readonly asked = new Table<string>("asked");
}

const states = new WeakMap<object, State>();

/** The tables that a transaction works on. */
export function stateOf(sql: Sql): State {
  return states.get(transactionOf(sql).host) ?? missing();
}

/** Says which tables the transactions of a host work on. */
export function bindState(host: object, state: State): void {
  states.set(host, state);
}

function missing(): never {
  throw new Error("a transaction of no world");
}

export function nameOf({ job, key, version }: { job: string; key: string; version: number }) {
  return `${job}/${key}/${version}`;
}
