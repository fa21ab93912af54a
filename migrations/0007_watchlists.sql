-- Why: lists of symbols that people keep an eye on.
-- Locks: none that matter; the table is new.
-- Old code: does not know it.

-- owner: watchlists
-- personal
create table watchlists (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  version integer not null default 1,
  name text not null,
  -- In the order in which the person wants to see them.
  symbols text[] not null,
  -- Lists of a person are shown by it, the smallest first; those that share one by id.
  position integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index watchlists_of on watchlists (user_id, position, id);
grant select, insert, update, delete on watchlists to almanac_app, almanac_system;
alter table watchlists enable row level security;
alter table watchlists force row level security;
create policy watchlists_own on watchlists to almanac_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy watchlists_system on watchlists to almanac_system using (true) with check (true);
