-- Why: people, their sessions, and the keys that access tokens are signed with.
-- Locks: none that matter; every table is new.
-- Old code: does not know these tables and runs on.

-- Enrolled second factors, trusted devices, passkeys and grants get tables of their own beside this one.
-- owner: auth
-- personal
create table users (
  id uuid primary key,
  email text not null check (char_length(email) between 3 and 254),
  name text not null check (char_length(name) between 1 and 100),
  password_hash text not null,
  role text not null default 'client'
    check (role in ('client', 'planner', 'analyst', 'viewer', 'admin')),
  permissions text[] not null default '{}',
  status text not null default 'active' check (status in ('active', 'locked', 'deleted')),
  email_verified_at timestamptz,
  time_zone text not null default 'UTC',
  locale text not null default 'en-US',
  failed_login_count integer not null default 0,
  locked_until timestamptz,
  password_changed_at timestamptz not null,
  created_at timestamptz not null
);
create unique index users_email_key on users (lower(email));
-- A person reads what concerns them; the password's hash and the counters of failures are for sign-in alone.
grant select (id, email, name, role, permissions, status, email_verified_at, time_zone, locale,
              password_changed_at, created_at) on users to almanac_app;
grant insert, select, update on users to almanac_system;
alter table users enable row level security;
alter table users force row level security;
create policy users_own on users to almanac_app using (id = app_user_id());
create policy users_system on users to almanac_system using (true) with check (true);

-- One row is one family of refresh tokens: `n` counts them, and only the newest is kept, hashed.
-- owner: auth
-- personal
create table sessions (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  n integer not null default 0 check (n >= 0),
  token_hash bytea not null,
  amr text[] not null,
  created_at timestamptz not null,
  last_used_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  revoke_reason text check (revoke_reason in ('logged_out', 'logged_out_everywhere', 'reused', 'staff')),
  address_prefix text not null default '',
  user_agent text not null default '',
  device jsonb,
  check ((revoked_at is null) = (revoke_reason is null))
);
create index sessions_user on sessions (user_id, created_at desc);
create index sessions_revoked on sessions (revoked_at) where revoked_at is not null;
grant select (id, user_id, created_at, last_used_at, expires_at, revoked_at, revoke_reason, address_prefix,
              user_agent, device) on sessions to almanac_app;
grant update (revoked_at, revoke_reason) on sessions to almanac_app;
grant insert, select, update, delete on sessions to almanac_system;
alter table sessions enable row level security;
alter table sessions force row level security;
create policy sessions_own on sessions to almanac_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy sessions_system on sessions to almanac_system using (true) with check (true);

-- At most one key is in each state, so that whoever makes or rotates keys at the same time fails instead of forking.
-- owner: auth
create table signing_keys (
  id text primary key check (id ~ '^[A-Za-z0-9_-]{43}$'),
  state text not null constraint signing_keys_states check (state in ('next', 'current', 'previous')),
  public_jwk jsonb not null,
  private_jwk_encrypted bytea not null,
  created_at timestamptz not null,
  activated_at timestamptz
);
create unique index signing_keys_state on signing_keys (state);
grant insert, select, update, delete on signing_keys to almanac_system;
