-- Why: what a person wants to be told, where and when, with its history.
-- Locks: none that matter; the tables are new.
-- Old code: does not know them.

-- owner: preferences
-- personal
create table preferences (
  user_id uuid primary key references users (id) on delete cascade,
  version integer not null check (version > 0),
  document jsonb not null,
  updated_at timestamptz not null
);
grant select, insert, update on preferences to almanac_app, almanac_system;
alter table preferences enable row level security;
alter table preferences force row level security;
create policy preferences_own on preferences to almanac_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy preferences_system on preferences to almanac_system using (true) with check (true);

-- Each version as it was, for the person's own view of what was changed when and by whom.
-- owner: preferences
-- personal
create table preference_history (
  user_id uuid not null references users (id) on delete cascade,
  version integer not null,
  document jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null,
  primary key (user_id, version)
);
grant select, insert on preference_history to almanac_app, almanac_system;
alter table preference_history enable row level security;
alter table preference_history force row level security;
create policy preference_history_own on preference_history to almanac_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy preference_history_system on preference_history to almanac_system using (true) with check (true);
