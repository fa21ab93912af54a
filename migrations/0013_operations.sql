-- Why: what the product notes about itself, and its unexpected errors in groups, for those who run it.
-- Locks: none that matter; both tables are new.
-- Old code: knows neither of them.

-- Repeats within a minute are counted in one row. No value of a person stands in any column.
-- owner: ops
create table system_events (
  id uuid primary key,
  at timestamptz not null,
  last_at timestamptz not null,
  severity text not null check (severity in ('info', 'warning', 'error', 'critical')),
  kind text not null check (kind ~ '^[a-z][a-z0-9_]{0,60}$'),
  message text not null check (length(message) <= 500),
  details jsonb not null default '{}',
  instance text not null,
  count integer not null default 1 check (count > 0)
);
create index system_events_recent on system_events (at desc, id desc);
grant insert, select, delete on system_events to almanac_system;
grant update (count, last_at) on system_events to almanac_system;

-- One row for all occurrences of an error; `template` is its message without values, `stack` places in code alone.
-- owner: ops
create table error_groups (
  id uuid primary key,
  fingerprint text not null unique check (fingerprint ~ '^[0-9a-f]{16}$'),
  name text not null,
  code text,
  template text not null check (length(template) <= 500),
  place text not null,
  stack text[] not null default '{}',
  state text not null default 'open' check (state in ('open', 'resolved')),
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  count bigint not null check (count > 0),
  last_request_id text,
  last_route text,
  resolved_at timestamptz,
  resolved_by uuid,
  regressed integer not null default 0,
  check ((state = 'resolved') = (resolved_at is not null))
);
create index error_groups_recent on error_groups (last_seen_at desc, id desc);
grant insert, select, update, delete on error_groups to almanac_system;
