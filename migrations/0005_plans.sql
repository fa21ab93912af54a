-- Why: plans with every version of theirs, and simulations of them in chunks.
-- Locks: none that matter; the tables are new.
-- Old code: does not know them.

-- owner: plans
-- personal
create table plans (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  name text not null,
  version integer not null check (version > 0),
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index plans_of on plans (user_id, id desc);
grant select, insert, update, delete on plans to almanac_app, almanac_system;
alter table plans enable row level security;
alter table plans force row level security;
create policy plans_own on plans to almanac_app using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy plans_system on plans to almanac_system using (true) with check (true);

-- Nothing is overwritten: each change of a plan is a row here.
-- owner: plans
-- personal
create table plan_versions (
  plan_id uuid not null references plans (id) on delete cascade,
  number integer not null check (number > 0),
  user_id uuid not null,
  inputs jsonb not null,
  created_at timestamptz not null,
  created_by text not null,
  primary key (plan_id, number)
);
grant select, insert on plan_versions to almanac_app, almanac_system;
alter table plan_versions enable row level security;
alter table plan_versions force row level security;
create policy plan_versions_own on plan_versions to almanac_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy plan_versions_system on plan_versions to almanac_system using (true) with check (true);

-- The program is what the plan's version compiled to on the day of asking: every chunk runs the same one.
-- owner: plans
-- personal
create table simulations (
  id uuid primary key,
  plan_id uuid not null references plans (id) on delete cascade,
  plan_version integer not null,
  user_id uuid not null,
  status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  paths integer not null check (paths between 1000 and 1000000),
  seed bigint not null,
  chunk_count integer not null,
  chunks_done integer not null default 0,
  plan jsonb not null,
  program jsonb not null,
  provenance jsonb not null,
  result jsonb,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index simulations_of on simulations (plan_id, id desc);
grant select, insert, update on simulations to almanac_app;
grant select, insert, update, delete on simulations to almanac_system;
alter table simulations enable row level security;
alter table simulations force row level security;
create policy simulations_own on simulations to almanac_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy simulations_system on simulations to almanac_system using (true) with check (true);

-- owner: plans
create table simulation_chunks (
  simulation_id uuid not null references simulations (id) on delete cascade,
  number integer not null,
  first_path integer not null,
  path_count integer not null,
  fence bigint not null default 0,
  lease_until timestamptz,
  -- The chunk's counts and exact sums; null until it is done. The rows go when the simulation has ended.
  partial bytea,
  done_at timestamptz,
  primary key (simulation_id, number)
);
grant select, insert, delete on simulation_chunks to almanac_app;
grant select, insert, update, delete on simulation_chunks to almanac_system;
alter table simulation_chunks enable row level security;
alter table simulation_chunks force row level security;
-- Whose a chunk is, its simulation says; what a person sees of those is walled off already.
create policy simulation_chunks_own on simulation_chunks to almanac_app
  using (exists (select from simulations where simulations.id = simulation_id))
  with check (exists (select from simulations where simulations.id = simulation_id));
create policy simulation_chunks_system on simulation_chunks to almanac_system using (true) with check (true);
