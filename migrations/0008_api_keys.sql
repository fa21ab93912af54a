-- Why: programs act for a person by keys of their own, each with a part of what the person may do and an end.
-- Locks: none that matter; the table is new.
-- Old code: does not know it.

-- owner: auth
-- personal
create table api_keys (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  name text not null check (char_length(name) between 1 and 100),
  -- The part of a key that may be shown, by which a person tells which one it is.
  prefix text not null,
  -- SHA-256 of the key. It holds 256 random bits, so that a slow digest would protect nothing more.
  digest bytea not null check (octet_length(digest) = 32),
  scopes text[] not null check (cardinality(scopes) > 0),
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  last_used_at timestamptz,
  revoked_at timestamptz
);
create unique index api_keys_digest on api_keys (digest);
create index api_keys_of on api_keys (user_id, id desc);
create index api_keys_revoked on api_keys (revoked_at) where revoked_at is not null;
grant select (id, user_id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at)
  on api_keys to almanac_app;
grant insert, update (revoked_at) on api_keys to almanac_app;
grant select, update, delete on api_keys to almanac_system;
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy api_keys_own on api_keys to almanac_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy api_keys_system on api_keys to almanac_system using (true) with check (true);
