-- Why: what a person was answered under an Idempotency-Key, so that a request that is sent again is not done again.
-- Locks: none that matter; the table is new.
-- Old code: does not know it.

-- owner: jobs
-- personal
create table idempotency_keys (
  user_id uuid not null,
  -- The method and the address as they were asked: 'POST /v1/plans'.
  route text not null,
  key text not null check (key ~ '^[!-~]{1,255}$'),
  -- SHA-256 of the body.
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  status smallint not null check (status between 200 and 499),
  headers jsonb not null,
  body text not null,
  created_at timestamptz not null,
  primary key (user_id, route, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);
-- A key whose day is over may be used again before the job has deleted it: that is the update.
grant select, insert, update (fingerprint, status, headers, body, created_at) on idempotency_keys to almanac_app;
grant select, insert, update, delete on idempotency_keys to almanac_system;
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy idempotency_keys_own on idempotency_keys to almanac_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy idempotency_keys_system on idempotency_keys to almanac_system using (true) with check (true);
