-- Why: a message that the queue lost, or that never got its turn, is published anew; a run that is replayed gives way to its
--   successor; long runs say how far they are; schedules can be looked at and paused.
-- Locks: ACCESS EXCLUSIVE on outbox, job_runs, dead_letters and schedules for a moment: columns come with defaults that rewrite
--   nothing, and only rows that wait to be published, and letters, are touched. What takes time is in the next file.
-- Old code: goes on. It knows nothing of replaced runs: replay nothing until every process is of the new version. What it
--   publishes meanwhile is published once more and found done.

-- How many rows of work a wake-up is about: many wake-ups become as few messages as their work needs.
alter table outbox add column units integer not null default 1 check (units > 0);
-- How often it was published anew because nothing was heard of it.
alter table outbox add column round smallint not null default 0;
-- Its run has ended, or it was a wake-up, whose rows are the unit of work. What is there already counts as ended, but for
-- what waits to be published.
alter table outbox add column ended_at timestamptz default now();
alter table outbox alter column ended_at drop default;
update outbox set ended_at = null where published_at is null;
-- Due at once by anybody's clock: one that is behind the database's would not see the row until the next tick.
alter table outbox alter column next_attempt_at set default 'epoch';

alter table job_runs drop constraint job_runs_state_check;
alter table job_runs add constraint job_runs_state_check
  check (state in ('running', 'succeeded', 'failed', 'dead', 'replaced')) not valid;
alter table job_runs add column progress_done integer, add column progress_total integer;

-- `waiting` for staff; `replayed` as a new version; `settled` where whoever waited for its work was told at once.
alter table dead_letters add column state text not null default 'waiting'
  check (state in ('waiting', 'replayed', 'settled'));
update dead_letters set state = 'replayed' where replayed_at is not null;
-- Lists go on from a place in whole milliseconds.
update dead_letters set created_at = date_trunc('milliseconds', created_at);
grant delete on dead_letters to almanac_system;

-- What the code says of each, so that it can be shown; `synced_at` is when it last did.
alter table schedules add column timing text not null default '', add column catch_up text not null default 'latest'
    check (catch_up in ('latest', 'each', 'skip')),
  add column next_due_at timestamptz, add column paused_at timestamptz,
  add column synced_at timestamptz not null default now();
grant delete on schedules to almanac_system;
