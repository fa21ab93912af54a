-- Why: alerts of people on prices, and each time that one fired.
-- Locks: none that matter; the tables are new.
-- Old code: does not know them.

-- owner: alerts
-- personal
create table alerts (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  version integer not null default 1,
  kind text not null check (kind in ('price', 'percent_change', 'volume_spike', 'moving_average', 'rsi', 'drawdown',
                                     'portfolio_value', 'allocation_drift', 'goal_probability')),
  symbol text,
  direction text check (direction in ('above', 'below')),
  level numeric,
  fields jsonb not null default '{}',
  channels text[] not null,
  repeat_mode text not null check (repeat_mode in ('once', 'rearm', 'cooldown')),
  cooldown_seconds integer,
  note text not null default '',
  enabled boolean not null default true,
  expires_at timestamptz,
  snoozed_until timestamptz,
  -- The side of the level on which the price was last seen; an alert fires when it changes to the other one.
  side text not null check (side in ('above', 'below')),
  -- As of when: a price from before then is not news.
  seen_at timestamptz,
  armed boolean not null default true,
  fired_count integer not null default 0,
  last_fired_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index alerts_of on alerts (user_id, id desc);
-- A price finds those alone whose side it changes, and those whose rest may be over.
create index alerts_active on alerts (symbol, side, level) where enabled;
create index alerts_resting on alerts (symbol, last_fired_at) where enabled and not armed;
grant select, insert, update, delete on alerts to almanac_app, almanac_system;
alter table alerts enable row level security;
alter table alerts force row level security;
create policy alerts_own on alerts to almanac_app using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy alerts_system on alerts to almanac_system using (true) with check (true);

-- owner: alerts
-- personal
create table alert_events (
  id uuid primary key,
  alert_id uuid not null references alerts (id) on delete cascade,
  user_id uuid not null,
  at timestamptz not null,
  price numeric not null,
  level numeric not null,
  source text not null,
  as_of timestamptz not null,
  notification_request_id uuid,
  acknowledged_at timestamptz
);
create index alert_events_of on alert_events (alert_id, id desc);
grant select, update (acknowledged_at) on alert_events to almanac_app;
grant select, insert, update on alert_events to almanac_system;
alter table alert_events enable row level security;
alter table alert_events force row level security;
create policy alert_events_own on alert_events to almanac_app
  using (user_id = app_user_id()) with check (user_id = app_user_id());
create policy alert_events_system on alert_events to almanac_system using (true) with check (true);
