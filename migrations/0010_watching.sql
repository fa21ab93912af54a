-- Why: a job's log line names the request and the trace that it goes back to; a scrape counts unfinished runs and
--   letters without reading what is done.
-- Locks: ACCESS EXCLUSIVE on outbox for a moment, since columns without a default rewrite nothing; SHARE on job_runs
--   and dead_letters while the indexes are built.
-- Old code: goes on, and leaves the columns empty.

alter table outbox add column request_id text;
alter table outbox add column traceparent text;
create index job_runs_unfinished on job_runs (state, started_at) where state in ('running', 'failed');
create index dead_letters_waiting on dead_letters (created_at) where replayed_at is null;
