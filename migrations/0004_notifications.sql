-- Why: messages to people, one row for each channel, with every step that each one took.
-- Locks: none that matter; the tables are new.
-- Old code: does not know them.

-- owner: notifications
-- personal
create table notifications (
  id uuid primary key,
  request_id uuid not null,
  user_id uuid not null references users (id) on delete cascade,
  type text not null,
  channel text not null check (channel in ('email', 'push', 'sms', 'in_app', 'webhook')),
  priority smallint not null check (priority between 0 and 3),
  status text not null check (status in (
    'requested', 'suppressed', 'scheduled', 'held', 'queued', 'sending', 'sent', 'delivered', 'opened', 'clicked',
    'failed', 'dead', 'bounced', 'complained', 'unsubscribed', 'cancelled', 'expired')),
  data jsonb not null,
  title text,
  body text,
  dedupe_key text,
  created_at timestamptz not null,
  expires_at timestamptz,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null,
  -- When it is due, put back by its priority: a higher one goes first, and a lower one only waits so long.
  claim_rank timestamptz not null,
  lease_until timestamptz,
  fence bigint not null default 0,
  -- A try has ended without an answer, so that the message may have gone out.
  maybe_sent boolean not null default false,
  provider text,
  provider_message_id text,
  read_at timestamptz,
  archived_at timestamptz
);
create unique index notifications_once on notifications (user_id, type, dedupe_key, channel)
  where dedupe_key is not null;
create index notifications_due on notifications (claim_rank)
  where status in ('queued', 'held', 'scheduled', 'sending');
create index notifications_of on notifications (user_id, id desc);
create index notifications_inbox on notifications (user_id, id desc) where channel = 'in_app' and status = 'delivered';
create index notifications_provider on notifications (provider, provider_message_id)
  where provider_message_id is not null;
create index notifications_request on notifications (request_id);
-- A person reads and puts away; everything else about a message is the product's own doing.
grant select, update (read_at, archived_at) on notifications to almanac_app;
grant select, insert, update, delete on notifications to almanac_system;
alter table notifications enable row level security;
alter table notifications force row level security;
create policy notifications_own on notifications to almanac_app
  using (user_id = app_user_id() or app_is_staff()) with check (user_id = app_user_id());
create policy notifications_system on notifications to almanac_system using (true) with check (true);

-- owner: notifications
-- personal
create table notification_events (
  id uuid primary key,
  notification_id uuid not null references notifications (id) on delete cascade,
  user_id uuid not null,
  at timestamptz not null,
  status text not null,
  reason text not null,
  provider text,
  provider_message_id text,
  -- False where a late or repeated report changed nothing.
  moved boolean not null
);
create index notification_events_of on notification_events (notification_id, id);
grant select on notification_events to almanac_app;
grant select, insert on notification_events to almanac_system;
alter table notification_events enable row level security;
alter table notification_events force row level security;
create policy notification_events_own on notification_events to almanac_app
  using (user_id = app_user_id() or app_is_staff());
create policy notification_events_system on notification_events to almanac_system using (true) with check (true);

-- What vendors report, once each, as it came. The effects are applied by a job.
-- owner: notifications
-- personal
create table receipts (
  provider text not null,
  event_id text not null,
  notification_id uuid,
  provider_message_id text,
  recipient text,
  kind text not null,
  reason text,
  permanent boolean not null default false,
  machine boolean not null default false,
  reported_at timestamptz not null,
  received_at timestamptz not null,
  applied_at timestamptz,
  -- JSON as text: as jsonb it could not hold everything that a vendor may send, a NUL for one.
  raw text not null,
  primary key (provider, event_id)
);
create index receipts_waiting on receipts (received_at) where applied_at is null;
grant select, insert, update on receipts to almanac_system;
alter table receipts enable row level security;
alter table receipts force row level security;
create policy receipts_system on receipts to almanac_system using (true) with check (true);

-- Addresses that must not be written to any more.
-- owner: notifications
-- personal
create table suppressions (
  channel text not null,
  address text not null,
  reason text not null,
  created_at timestamptz not null,
  primary key (channel, address)
);
grant select, insert, delete on suppressions to almanac_system;
alter table suppressions enable row level security;
alter table suppressions force row level security;
create policy suppressions_system on suppressions to almanac_system using (true) with check (true);
