-- The schema that the migrations lead to, read from Postgres' catalogues for people to read.
-- Not to be edited or run: `deno task schema` writes it, and a test compares it. Partitions by time are left out.

-- Schemas

grant usage on schema public to almanac_app;
grant usage on schema public to almanac_system;

-- Functions

CREATE OR REPLACE FUNCTION public.app_is_staff()
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select current_setting('app.staff', true) = 'on' $function$
;

CREATE OR REPLACE FUNCTION public.app_user_id()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$ select nullif(current_setting('app.user_id', true), '')::uuid $function$
;

-- Relations

create table alert_events (
  id uuid not null,
  alert_id uuid not null,
  user_id uuid not null,
  at timestamp with time zone not null,
  price numeric not null,
  level numeric not null,
  source text not null,
  as_of timestamp with time zone not null,
  notification_request_id uuid,
  acknowledged_at timestamp with time zone,
  constraint alert_events_pkey PRIMARY KEY (id),
  constraint alert_events_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alerts(id) ON DELETE CASCADE
);
CREATE INDEX alert_events_of ON public.alert_events USING btree (alert_id, id DESC);
alter table alert_events enable row level security;
alter table alert_events force row level security;
create policy alert_events_own on alert_events for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy alert_events_system on alert_events for all to almanac_system
  using (true)
  with check (true);
grant insert, select, update on alert_events to almanac_system;
grant select on alert_events to almanac_app;
grant update (acknowledged_at) on alert_events to almanac_app;

create table alerts (
  id uuid not null,
  user_id uuid not null,
  version integer default 1 not null,
  kind text not null,
  symbol text,
  direction text,
  level numeric,
  fields jsonb default '{}'::jsonb not null,
  channels text[] not null,
  repeat_mode text not null,
  cooldown_seconds integer,
  note text default ''::text not null,
  enabled boolean default true not null,
  expires_at timestamp with time zone,
  snoozed_until timestamp with time zone,
  side text not null,
  seen_at timestamp with time zone,
  armed boolean default true not null,
  fired_count integer default 0 not null,
  last_fired_at timestamp with time zone,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint alerts_pkey PRIMARY KEY (id),
  constraint alerts_direction_check CHECK (direction = ANY (ARRAY['above'::text, 'below'::text])),
  constraint alerts_kind_check CHECK (kind = ANY (ARRAY['price'::text, 'percent_change'::text, 'volume_spike'::text, 'moving_average'::text, 'rsi'::text, 'drawdown'::text, 'portfolio_value'::text, 'allocation_drift'::text, 'goal_probability'::text])),
  constraint alerts_repeat_mode_check CHECK (repeat_mode = ANY (ARRAY['once'::text, 'rearm'::text, 'cooldown'::text])),
  constraint alerts_side_check CHECK (side = ANY (ARRAY['above'::text, 'below'::text])),
  constraint alerts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX alerts_active ON public.alerts USING btree (symbol, side, level) WHERE enabled;
CREATE INDEX alerts_latest ON public.alerts USING btree (user_id, created_at DESC, id DESC);
CREATE INDEX alerts_resting ON public.alerts USING btree (symbol, last_fired_at) WHERE (enabled AND (NOT armed));
alter table alerts enable row level security;
alter table alerts force row level security;
create policy alerts_own on alerts for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy alerts_system on alerts for all to almanac_system
  using (true)
  with check (true);
grant delete, insert, select, update on alerts to almanac_app;
grant delete, insert, select, update on alerts to almanac_system;

create table api_keys (
  id uuid not null,
  user_id uuid not null,
  name text not null,
  prefix text not null,
  digest bytea not null,
  scopes text[] not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_check CHECK (expires_at > created_at),
  constraint api_keys_digest_check CHECK (octet_length(digest) = 32),
  constraint api_keys_name_check CHECK (char_length(name) >= 1 AND char_length(name) <= 100),
  constraint api_keys_scopes_check CHECK (cardinality(scopes) > 0),
  constraint api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX api_keys_of ON public.api_keys USING btree (user_id, id DESC);
CREATE INDEX api_keys_revoked ON public.api_keys USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);
CREATE UNIQUE INDEX api_keys_digest ON public.api_keys USING btree (digest);
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy api_keys_own on api_keys for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy api_keys_system on api_keys for all to almanac_system
  using (true)
  with check (true);
grant delete, select, update on api_keys to almanac_system;
grant insert on api_keys to almanac_app;
grant select (id, user_id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at) on api_keys to almanac_app;
grant update (revoked_at) on api_keys to almanac_app;

create table audit_log (
  id uuid not null,
  at timestamp with time zone not null,
  actor_kind text not null,
  actor_id text not null,
  subject_id uuid,
  action text not null,
  entity_id text,
  fields text[] default '{}'::text[] not null,
  request_id text not null,
  address text default ''::text not null,
  user_agent text default ''::text not null,
  constraint audit_log_pkey PRIMARY KEY (id),
  constraint audit_log_action_check CHECK (action ~ '^[a-z_]+\.[a-z_]+$'::text),
  constraint audit_log_actor_kind_check CHECK (actor_kind = ANY (ARRAY['anonymous'::text, 'person'::text, 'system'::text]))
);
CREATE INDEX audit_log_subject ON public.audit_log USING btree (subject_id, at DESC);
alter table audit_log enable row level security;
alter table audit_log force row level security;
create policy audit_log_system on audit_log for all to almanac_system
  using (true)
  with check (true);
create policy audit_log_write on audit_log for insert to almanac_app
  with check (true);
grant insert on audit_log to almanac_app;
grant insert, select on audit_log to almanac_system;

create table change_counters (
  user_id uuid not null,
  last_number bigint not null,
  constraint change_counters_pkey PRIMARY KEY (user_id),
  constraint change_counters_last_number_check CHECK (last_number >= 0),
  constraint change_counters_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
alter table change_counters enable row level security;
alter table change_counters force row level security;
create policy change_counters_own on change_counters for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy change_counters_system on change_counters for all to almanac_system
  using (true)
  with check (true);
grant delete, insert, select, update on change_counters to almanac_system;
grant insert, select, update on change_counters to almanac_app;

create table changes (
  user_id uuid not null,
  kind text not null,
  entity_id uuid not null,
  number bigint not null,
  operation text not null,
  version bigint,
  changed_at timestamp with time zone not null,
  constraint changes_pkey PRIMARY KEY (user_id, kind, entity_id),
  constraint changes_kind_check CHECK (kind ~ '^[a-z][a-z_]*$'::text),
  constraint changes_operation_check CHECK (operation = ANY (ARRAY['changed'::text, 'deleted'::text])),
  constraint changes_user_id_fkey FOREIGN KEY (user_id) REFERENCES change_counters(user_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX changes_in_order ON public.changes USING btree (user_id, number);
alter table changes enable row level security;
alter table changes force row level security;
create policy changes_own on changes for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy changes_system on changes for all to almanac_system
  using (true)
  with check (true);
grant delete, insert, select, update on changes to almanac_system;
grant insert, select, update on changes to almanac_app;

create table dead_letters (
  id uuid not null,
  job text not null,
  key text not null,
  version bigint not null,
  payload jsonb not null,
  reason text not null,
  status integer,
  attempts integer not null,
  created_at timestamp with time zone default now() not null,
  replayed_at timestamp with time zone,
  replay_version bigint,
  state text default 'waiting'::text not null,
  constraint dead_letters_pkey PRIMARY KEY (id),
  constraint dead_letters_job_key_version_key UNIQUE (job, key, version),
  constraint dead_letters_state_check CHECK (state = ANY (ARRAY['waiting'::text, 'replayed'::text, 'settled'::text]))
);
CREATE INDEX dead_letters_latest ON public.dead_letters USING btree (created_at DESC, id DESC);
CREATE INDEX dead_letters_unanswered ON public.dead_letters USING btree (created_at) WHERE (state = 'waiting'::text);
grant delete, insert, select, update on dead_letters to almanac_system;

create table error_groups (
  id uuid not null,
  fingerprint text not null,
  name text not null,
  code text,
  template text not null,
  place text not null,
  stack text[] default '{}'::text[] not null,
  state text default 'open'::text not null,
  first_seen_at timestamp with time zone not null,
  last_seen_at timestamp with time zone not null,
  count bigint not null,
  last_request_id text,
  last_route text,
  resolved_at timestamp with time zone,
  resolved_by uuid,
  regressed integer default 0 not null,
  constraint error_groups_pkey PRIMARY KEY (id),
  constraint error_groups_fingerprint_key UNIQUE (fingerprint),
  constraint error_groups_check CHECK ((state = 'resolved'::text) = (resolved_at IS NOT NULL)),
  constraint error_groups_count_check CHECK (count > 0),
  constraint error_groups_fingerprint_check CHECK (fingerprint ~ '^[0-9a-f]{16}$'::text),
  constraint error_groups_state_check CHECK (state = ANY (ARRAY['open'::text, 'resolved'::text])),
  constraint error_groups_template_check CHECK (length(template) <= 500)
);
CREATE INDEX error_groups_recent ON public.error_groups USING btree (last_seen_at DESC, id DESC);
grant delete, insert, select, update on error_groups to almanac_system;

create table idempotency_keys (
  user_id uuid not null,
  route text not null,
  key text not null,
  fingerprint bytea not null,
  status smallint not null,
  headers jsonb not null,
  body text not null,
  created_at timestamp with time zone not null,
  constraint idempotency_keys_pkey PRIMARY KEY (user_id, route, key),
  constraint idempotency_keys_fingerprint_check CHECK (octet_length(fingerprint) = 32),
  constraint idempotency_keys_key_check CHECK (key ~ '^[!-~]{1,255}$'::text),
  constraint idempotency_keys_status_check CHECK (status >= 200 AND status <= 499)
);
CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING btree (created_at);
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy idempotency_keys_own on idempotency_keys for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy idempotency_keys_system on idempotency_keys for all to almanac_system
  using (true)
  with check (true);
grant delete, insert, select, update on idempotency_keys to almanac_system;
grant insert, select on idempotency_keys to almanac_app;
grant update (fingerprint, status, headers, body, created_at) on idempotency_keys to almanac_app;

create table job_runs (
  job text not null,
  key text not null,
  version bigint not null,
  state text not null,
  attempts integer default 1 not null,
  fence bigint default 1 not null,
  lease_until timestamp with time zone,
  message_id text,
  request_id text,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  duration_ms integer,
  error_code text,
  progress_done integer,
  progress_total integer,
  constraint job_runs_pkey PRIMARY KEY (job, key, version),
  constraint job_runs_state_check CHECK (state = ANY (ARRAY['running'::text, 'succeeded'::text, 'failed'::text, 'dead'::text, 'replaced'::text]))
);
CREATE INDEX job_runs_leased ON public.job_runs USING btree (lease_until) WHERE (state = 'running'::text);
CREATE INDEX job_runs_recent ON public.job_runs USING btree (started_at DESC);
CREATE INDEX job_runs_unfinished ON public.job_runs USING btree (state, started_at) WHERE (state = ANY (ARRAY['running'::text, 'failed'::text]));
grant delete, insert, select, update on job_runs to almanac_system;

create table notification_events (
  id uuid not null,
  notification_id uuid not null,
  user_id uuid not null,
  at timestamp with time zone not null,
  status text not null,
  reason text not null,
  provider text,
  provider_message_id text,
  moved boolean not null,
  constraint notification_events_pkey PRIMARY KEY (id),
  constraint notification_events_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES notifications(id) ON DELETE CASCADE
);
CREATE INDEX notification_events_of ON public.notification_events USING btree (notification_id, id);
alter table notification_events enable row level security;
alter table notification_events force row level security;
create policy notification_events_own on notification_events for all to almanac_app
  using (user_id = app_user_id() OR app_is_staff());
create policy notification_events_system on notification_events for all to almanac_system
  using (true)
  with check (true);
grant insert, select on notification_events to almanac_system;
grant select on notification_events to almanac_app;

create table notifications (
  id uuid not null,
  request_id uuid not null,
  user_id uuid not null,
  type text not null,
  channel text not null,
  priority smallint not null,
  status text not null,
  data jsonb not null,
  title text,
  body text,
  dedupe_key text,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone not null,
  claim_rank timestamp with time zone not null,
  lease_until timestamp with time zone,
  fence bigint default 0 not null,
  maybe_sent boolean default false not null,
  provider text,
  provider_message_id text,
  read_at timestamp with time zone,
  archived_at timestamp with time zone,
  constraint notifications_pkey PRIMARY KEY (id),
  constraint notifications_channel_check CHECK (channel = ANY (ARRAY['email'::text, 'push'::text, 'sms'::text, 'in_app'::text, 'webhook'::text])),
  constraint notifications_priority_check CHECK (priority >= 0 AND priority <= 3),
  constraint notifications_status_check CHECK (status = ANY (ARRAY['requested'::text, 'suppressed'::text, 'scheduled'::text, 'held'::text, 'queued'::text, 'sending'::text, 'sent'::text, 'delivered'::text, 'opened'::text, 'clicked'::text, 'failed'::text, 'dead'::text, 'bounced'::text, 'complained'::text, 'unsubscribed'::text, 'cancelled'::text, 'expired'::text])),
  constraint notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX notifications_due ON public.notifications USING btree (claim_rank) WHERE (status = ANY (ARRAY['queued'::text, 'held'::text, 'scheduled'::text, 'sending'::text]));
CREATE INDEX notifications_inbox ON public.notifications USING btree (user_id, id DESC) WHERE ((channel = 'in_app'::text) AND (status = 'delivered'::text));
CREATE INDEX notifications_of ON public.notifications USING btree (user_id, id DESC);
CREATE INDEX notifications_provider ON public.notifications USING btree (provider, provider_message_id) WHERE (provider_message_id IS NOT NULL);
CREATE INDEX notifications_request ON public.notifications USING btree (request_id);
CREATE UNIQUE INDEX notifications_once ON public.notifications USING btree (user_id, type, dedupe_key, channel) WHERE (dedupe_key IS NOT NULL);
alter table notifications enable row level security;
alter table notifications force row level security;
create policy notifications_own on notifications for all to almanac_app
  using (user_id = app_user_id() OR app_is_staff())
  with check (user_id = app_user_id());
create policy notifications_system on notifications for all to almanac_system
  using (true)
  with check (true);
grant delete, insert, select, update on notifications to almanac_system;
grant select on notifications to almanac_app;
grant update (read_at, archived_at) on notifications to almanac_app;

create table outbox (
  id uuid not null,
  job text not null,
  key text not null,
  version bigint not null,
  payload jsonb not null,
  not_before timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default '1970-01-01 00:00:00+00'::timestamp with time zone not null,
  published_at timestamp with time zone,
  message_id text,
  request_id text,
  traceparent text,
  units integer default 1 not null,
  round smallint default 0 not null,
  ended_at timestamp with time zone,
  constraint outbox_pkey PRIMARY KEY (id),
  constraint outbox_job_key_version_key UNIQUE (job, key, version),
  constraint outbox_job_check CHECK (job ~ '^[a-z][a-z0-9_]*$'::text),
  constraint outbox_key_check CHECK (key ~ '^[A-Za-z0-9_-]{1,100}$'::text),
  constraint outbox_units_check CHECK (units > 0)
);
CREATE INDEX outbox_due ON public.outbox USING btree (next_attempt_at, id) WHERE (published_at IS NULL);
CREATE INDEX outbox_ended ON public.outbox USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX outbox_published ON public.outbox USING btree (published_at) WHERE (published_at IS NOT NULL);
CREATE INDEX outbox_unheard ON public.outbox USING btree (published_at) WHERE ((published_at IS NOT NULL) AND (ended_at IS NULL));
grant delete, insert, select, update on outbox to almanac_system;
grant insert, select on outbox to almanac_app;

create table plan_versions (
  plan_id uuid not null,
  number integer not null,
  user_id uuid not null,
  inputs jsonb not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  constraint plan_versions_pkey PRIMARY KEY (plan_id, number),
  constraint plan_versions_number_check CHECK (number > 0),
  constraint plan_versions_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plans(id) ON DELETE CASCADE
);
alter table plan_versions enable row level security;
alter table plan_versions force row level security;
create policy plan_versions_own on plan_versions for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy plan_versions_system on plan_versions for all to almanac_system
  using (true)
  with check (true);
grant insert, select on plan_versions to almanac_app;
grant insert, select on plan_versions to almanac_system;

create table plans (
  id uuid not null,
  user_id uuid not null,
  name text not null,
  version integer not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint plans_pkey PRIMARY KEY (id),
  constraint plans_version_check CHECK (version > 0),
  constraint plans_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX plans_latest ON public.plans USING btree (user_id, created_at DESC, id DESC);
alter table plans enable row level security;
alter table plans force row level security;
create policy plans_own on plans for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy plans_system on plans for all to almanac_system
  using (true)
  with check (true);
grant delete, insert, select, update on plans to almanac_app;
grant delete, insert, select, update on plans to almanac_system;

create table preference_history (
  user_id uuid not null,
  version integer not null,
  document jsonb not null,
  changed_at timestamp with time zone not null,
  changed_by text not null,
  constraint preference_history_pkey PRIMARY KEY (user_id, version),
  constraint preference_history_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
alter table preference_history enable row level security;
alter table preference_history force row level security;
create policy preference_history_own on preference_history for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy preference_history_system on preference_history for all to almanac_system
  using (true)
  with check (true);
grant insert, select on preference_history to almanac_app;
grant insert, select on preference_history to almanac_system;

create table preferences (
  user_id uuid not null,
  version integer not null,
  document jsonb not null,
  updated_at timestamp with time zone not null,
  constraint preferences_pkey PRIMARY KEY (user_id),
  constraint preferences_version_check CHECK (version > 0),
  constraint preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
alter table preferences enable row level security;
alter table preferences force row level security;
create policy preferences_own on preferences for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy preferences_system on preferences for all to almanac_system
  using (true)
  with check (true);
grant insert, select, update on preferences to almanac_app;
grant insert, select, update on preferences to almanac_system;

create table receipts (
  provider text not null,
  event_id text not null,
  notification_id uuid,
  provider_message_id text,
  recipient text,
  kind text not null,
  reason text,
  permanent boolean default false not null,
  machine boolean default false not null,
  reported_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  applied_at timestamp with time zone,
  raw text not null,
  constraint receipts_pkey PRIMARY KEY (provider, event_id)
);
CREATE INDEX receipts_unapplied ON public.receipts USING btree (reported_at, received_at) WHERE (applied_at IS NULL);
alter table receipts enable row level security;
alter table receipts force row level security;
create policy receipts_system on receipts for all to almanac_system
  using (true)
  with check (true);
grant insert, select, update on receipts to almanac_system;

create table schedules (
  job text not null,
  last_due_at timestamp with time zone not null,
  paused boolean default false not null,
  timing text default ''::text not null,
  catch_up text default 'latest'::text not null,
  next_due_at timestamp with time zone,
  paused_at timestamp with time zone,
  synced_at timestamp with time zone default now() not null,
  constraint schedules_pkey PRIMARY KEY (job),
  constraint schedules_catch_up_check CHECK (catch_up = ANY (ARRAY['latest'::text, 'each'::text, 'skip'::text]))
);
grant delete, insert, select, update on schedules to almanac_system;

create table sessions (
  id uuid not null,
  user_id uuid not null,
  n integer default 0 not null,
  token_hash bytea not null,
  amr text[] not null,
  created_at timestamp with time zone not null,
  last_used_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  revoke_reason text,
  address_prefix text default ''::text not null,
  user_agent text default ''::text not null,
  device jsonb,
  constraint sessions_pkey PRIMARY KEY (id),
  constraint sessions_check CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL)),
  constraint sessions_n_check CHECK (n >= 0),
  constraint sessions_revoke_reason_check CHECK (revoke_reason = ANY (ARRAY['logged_out'::text, 'logged_out_everywhere'::text, 'reused'::text, 'staff'::text])),
  constraint sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX sessions_revoked ON public.sessions USING btree (revoked_at) WHERE (revoked_at IS NOT NULL);
CREATE INDEX sessions_user ON public.sessions USING btree (user_id, created_at DESC);
alter table sessions enable row level security;
alter table sessions force row level security;
create policy sessions_own on sessions for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy sessions_system on sessions for all to almanac_system
  using (true)
  with check (true);
grant delete, insert, select, update on sessions to almanac_system;
grant select (id, user_id, created_at, last_used_at, expires_at, revoked_at, revoke_reason, address_prefix, user_agent, device) on sessions to almanac_app;
grant update (revoked_at, revoke_reason) on sessions to almanac_app;

create table sign_in_attempts (
  subject text not null,
  at timestamp with time zone not null,
  constraint sign_in_attempts_subject_check CHECK (char_length(subject) >= 1 AND char_length(subject) <= 100)
);
CREATE INDEX sign_in_attempts_at ON public.sign_in_attempts USING btree (at);
CREATE INDEX sign_in_attempts_subject ON public.sign_in_attempts USING btree (subject, at);
grant delete, insert, select on sign_in_attempts to almanac_system;

create table signing_keys (
  id text not null,
  state text not null,
  public_jwk jsonb not null,
  private_jwk_encrypted bytea not null,
  created_at timestamp with time zone not null,
  activated_at timestamp with time zone,
  constraint signing_keys_pkey PRIMARY KEY (id),
  constraint signing_keys_id_check CHECK (id ~ '^[A-Za-z0-9_-]{43}$'::text),
  constraint signing_keys_states CHECK (state = ANY (ARRAY['next'::text, 'current'::text, 'previous'::text]))
);
CREATE UNIQUE INDEX signing_keys_state ON public.signing_keys USING btree (state);
grant delete, insert, select, update on signing_keys to almanac_system;

create table simulation_chunks (
  simulation_id uuid not null,
  number integer not null,
  first_path integer not null,
  path_count integer not null,
  fence bigint default 0 not null,
  lease_until timestamp with time zone,
  partial bytea,
  done_at timestamp with time zone,
  constraint simulation_chunks_pkey PRIMARY KEY (simulation_id, number),
  constraint simulation_chunks_simulation_id_fkey FOREIGN KEY (simulation_id) REFERENCES simulations(id) ON DELETE CASCADE
);
alter table simulation_chunks enable row level security;
alter table simulation_chunks force row level security;
create policy simulation_chunks_own on simulation_chunks for all to almanac_app
  using ((EXISTS ( SELECT
   FROM simulations
  WHERE simulations.id = simulation_chunks.simulation_id)))
  with check ((EXISTS ( SELECT
   FROM simulations
  WHERE simulations.id = simulation_chunks.simulation_id)));
create policy simulation_chunks_system on simulation_chunks for all to almanac_system
  using (true)
  with check (true);
grant delete, insert, select on simulation_chunks to almanac_app;
grant delete, insert, select, update on simulation_chunks to almanac_system;

create table simulations (
  id uuid not null,
  plan_id uuid not null,
  plan_version integer not null,
  user_id uuid not null,
  status text not null,
  paths integer not null,
  seed bigint not null,
  chunk_count integer not null,
  chunks_done integer default 0 not null,
  plan jsonb not null,
  program jsonb not null,
  provenance jsonb not null,
  result jsonb,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  constraint simulations_pkey PRIMARY KEY (id),
  constraint simulations_paths_check CHECK (paths >= 1000 AND paths <= 1000000),
  constraint simulations_status_check CHECK (status = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])),
  constraint simulations_plan_id_fkey FOREIGN KEY (plan_id) REFERENCES plans(id) ON DELETE CASCADE
);
CREATE INDEX simulations_of ON public.simulations USING btree (plan_id, id DESC);
alter table simulations enable row level security;
alter table simulations force row level security;
create policy simulations_own on simulations for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy simulations_system on simulations for all to almanac_system
  using (true)
  with check (true);
grant delete, insert, select, update on simulations to almanac_system;
grant insert, select, update on simulations to almanac_app;

create table suppressions (
  channel text not null,
  address text not null,
  reason text not null,
  created_at timestamp with time zone not null,
  constraint suppressions_pkey PRIMARY KEY (channel, address)
);
alter table suppressions enable row level security;
alter table suppressions force row level security;
create policy suppressions_system on suppressions for all to almanac_system
  using (true)
  with check (true);
grant delete, insert, select on suppressions to almanac_system;

create table system_events (
  id uuid not null,
  at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  severity text not null,
  kind text not null,
  message text not null,
  details jsonb default '{}'::jsonb not null,
  instance text not null,
  count integer default 1 not null,
  constraint system_events_pkey PRIMARY KEY (id),
  constraint system_events_count_check CHECK (count > 0),
  constraint system_events_kind_check CHECK (kind ~ '^[a-z][a-z0-9_]{0,60}$'::text),
  constraint system_events_message_check CHECK (length(message) <= 500),
  constraint system_events_severity_check CHECK (severity = ANY (ARRAY['info'::text, 'warning'::text, 'error'::text, 'critical'::text]))
);
CREATE INDEX system_events_recent ON public.system_events USING btree (at DESC, id DESC);
grant delete, insert, select on system_events to almanac_system;
grant update (last_at, count) on system_events to almanac_system;

create table users (
  id uuid not null,
  email text not null,
  name text not null,
  password_hash text not null,
  role text default 'client'::text not null,
  permissions text[] default '{}'::text[] not null,
  status text default 'active'::text not null,
  email_verified_at timestamp with time zone,
  time_zone text default 'UTC'::text not null,
  locale text default 'en-US'::text not null,
  failed_login_count integer default 0 not null,
  locked_until timestamp with time zone,
  password_changed_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  constraint users_pkey PRIMARY KEY (id),
  constraint users_email_check CHECK (char_length(email) >= 3 AND char_length(email) <= 254),
  constraint users_name_check CHECK (char_length(name) >= 1 AND char_length(name) <= 100),
  constraint users_role_check CHECK (role = ANY (ARRAY['client'::text, 'planner'::text, 'analyst'::text, 'viewer'::text, 'admin'::text])),
  constraint users_status_check CHECK (status = ANY (ARRAY['active'::text, 'locked'::text, 'deleted'::text]))
);
CREATE UNIQUE INDEX users_email_key ON public.users USING btree (lower(email));
alter table users enable row level security;
alter table users force row level security;
create policy users_own on users for all to almanac_app
  using (id = app_user_id());
create policy users_system on users for all to almanac_system
  using (true)
  with check (true);
grant insert, select, update on users to almanac_system;
grant select (id, email, name, role, permissions, status, email_verified_at, time_zone, locale, password_changed_at, created_at) on users to almanac_app;

create table watchlists (
  id uuid not null,
  user_id uuid not null,
  version integer default 1 not null,
  name text not null,
  symbols text[] not null,
  "position" integer not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  constraint watchlists_pkey PRIMARY KEY (id),
  constraint watchlists_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);
CREATE INDEX watchlists_of ON public.watchlists USING btree (user_id, "position", id);
alter table watchlists enable row level security;
alter table watchlists force row level security;
create policy watchlists_own on watchlists for all to almanac_app
  using (user_id = app_user_id())
  with check (user_id = app_user_id());
create policy watchlists_system on watchlists for all to almanac_system
  using (true)
  with check (true);
grant delete, insert, select, update on watchlists to almanac_app;
grant delete, insert, select, update on watchlists to almanac_system;
