-- Why: the roles that the application acts as, what row-level security reads, and the tables of jobs and audit.
-- Locks: none that matter; every table is new.
-- Old code: there is none.

-- Roles belong to the whole server, so another database of it may have made them.
do $$
begin
  if not exists (select from pg_roles where rolname = 'almanac_app') then
    create role almanac_app nologin nobypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'almanac_system') then
    create role almanac_system nologin nobypassrls;
  end if;
exception when duplicate_object or unique_violation then null;
end
$$;

-- The login role of the application becomes one of these two at the start of each transaction.
do $$
begin
  execute format('grant almanac_app, almanac_system to %I', current_user);
exception when others then
  if sqlstate not in ('42501', '0LP01', 'XX000') then raise; end if;
end
$$;

grant usage on schema public to almanac_app, almanac_system;

create function app_user_id() returns uuid
  language sql stable parallel safe
  as $$ select nullif(current_setting('app.user_id', true), '')::uuid $$;

create function app_is_staff() returns boolean
  language sql stable parallel safe
  as $$ select current_setting('app.staff', true) = 'on' $$;

-- owner: jobs
create table outbox (
  id uuid primary key,
  job text not null check (job ~ '^[a-z][a-z0-9_]*$'),
  key text not null check (key ~ '^[A-Za-z0-9_-]{1,100}$'),
  version bigint not null,
  payload jsonb not null,
  not_before timestamptz,
  created_at timestamptz not null default now(),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  published_at timestamptz,
  message_id text,
  unique (job, key, version)
);
create index outbox_waiting on outbox (next_attempt_at) where published_at is null;
create index outbox_published on outbox (published_at) where published_at is not null;
grant insert, select on outbox to almanac_app;
grant insert, select, update, delete on outbox to almanac_system;

-- owner: jobs
create table job_runs (
  job text not null,
  key text not null,
  version bigint not null,
  state text not null check (state in ('running', 'succeeded', 'failed', 'dead')),
  attempts integer not null default 1,
  fence bigint not null default 1,
  lease_until timestamptz,
  message_id text,
  request_id text,
  started_at timestamptz not null,
  finished_at timestamptz,
  duration_ms integer,
  error_code text,
  primary key (job, key, version)
);
create index job_runs_recent on job_runs (started_at desc);
grant insert, select, update, delete on job_runs to almanac_system;

-- owner: jobs
create table dead_letters (
  id uuid primary key,
  job text not null,
  key text not null,
  version bigint not null,
  payload jsonb not null,
  reason text not null,
  status integer,
  attempts integer not null,
  created_at timestamptz not null default now(),
  replayed_at timestamptz,
  replay_version bigint,
  unique (job, key, version)
);
create index dead_letters_recent on dead_letters (created_at desc);
grant insert, select, update on dead_letters to almanac_system;

-- owner: jobs
create table schedules (
  job text primary key,
  last_due_at timestamptz not null,
  paused boolean not null default false
);
grant insert, select, update on schedules to almanac_system;

-- Append only: nobody is granted update or delete. Before and after values are not kept in the clear.
-- owner: audit
-- personal
create table audit_log (
  id uuid primary key,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('anonymous', 'person', 'system')),
  actor_id text not null,
  subject_id uuid,
  action text not null check (action ~ '^[a-z_]+\.[a-z_]+$'),
  entity_id text,
  fields text[] not null default '{}',
  request_id text not null,
  address text not null default '',
  user_agent text not null default ''
);
create index audit_log_subject on audit_log (subject_id, at desc);
grant insert on audit_log to almanac_app, almanac_system;
grant select on audit_log to almanac_system;
alter table audit_log enable row level security;
alter table audit_log force row level security;
create policy audit_log_write on audit_log for insert to almanac_app with check (true);
create policy audit_log_system on audit_log to almanac_system using (true) with check (true);
