-- Why: what has changed for each person, in order, so that phones can follow; and lists in order of when we made things,
--      since a client may choose ids.
-- Locks: two indexes are built while nobody writes plans or alerts: a second for a million rows of either.
-- Old code: runs on. What it changes until it is gone is not noted; phones hear of that at its next change.

create index plans_latest on plans (user_id, created_at desc, id desc);
create index alerts_latest on alerts (user_id, created_at desc, id desc);
drop index plans_of;
drop index alerts_of;

-- The row stays locked until the commit, so that a person's numbers become visible in their order.
-- owner: changes
-- personal
create table change_counters (
  user_id uuid primary key references users (id) on delete cascade,
  last_number bigint not null check (last_number >= 0)
);
grant select, insert, update on change_counters to almanac_app;
grant select, insert, update, delete on change_counters to almanac_system;
alter table change_counters enable row level security;
alter table change_counters force row level security;
create policy change_counters_own on change_counters to almanac_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy change_counters_system on change_counters to almanac_system using (true) with check (true);

-- One row for each thing, whatever often it changes; what was deleted stays as such.
-- owner: changes
-- personal
create table changes (
  user_id uuid not null references change_counters (user_id) on delete cascade,
  kind text not null check (kind ~ '^[a-z][a-z_]*$'),
  entity_id uuid not null,
  number bigint not null,
  operation text not null check (operation in ('changed', 'deleted')),
  version bigint,
  changed_at timestamptz not null,
  primary key (user_id, kind, entity_id)
);
create unique index changes_in_order on changes (user_id, number);
grant select, insert, update on changes to almanac_app;
grant select, insert, update, delete on changes to almanac_system;
alter table changes enable row level security;
alter table changes force row level security;
create policy changes_own on changes to almanac_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy changes_system on changes to almanac_system using (true) with check (true);

-- What exists already, as if it had changed last when it did. As the system role: forced policies bind an owner too.
set local role almanac_system;
with existing as (
  select id as user_id, 'profile' as kind, id as entity_id, null::bigint as version, created_at as changed_at
  from users where status <> 'deleted'
  union all select user_id, 'preferences', user_id, version, updated_at from preferences
  union all select user_id, 'plan', id, version, updated_at from plans
  union all select user_id, 'simulation', id, null, coalesce(finished_at, created_at) from simulations
  union all select user_id, 'watchlist', id, version, updated_at from watchlists
  union all select user_id, 'alert', id, version, updated_at from alerts
  union all select user_id, 'notification', id, null, created_at from notifications
  union all select user_id, 'inbox_item', id, null, created_at from notifications
            where channel = 'in_app' and status = 'delivered'),
counted as (
  insert into change_counters (user_id, last_number)
  select users.id, count(existing.user_id) from users left join existing on existing.user_id = users.id
  group by users.id
  returning user_id)
insert into changes (user_id, kind, entity_id, number, operation, version, changed_at)
  select existing.user_id, kind, entity_id,
         row_number() over (partition by existing.user_id order by changed_at, kind, entity_id), 'changed', version,
         changed_at
  from existing join counted on counted.user_id = existing.user_id;
reset role;
