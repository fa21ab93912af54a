-- Why: tries to sign in are counted here while Redis is away, so that nobody guesses passwords without a limit then.
-- Locks: none that matter; the table is new.
-- Old code: does not know this table and runs on.

-- Who is tried for is kept as a keyed hash, and for a quarter of an hour: it names nobody.
-- owner: auth
create table sign_in_attempts (
  subject text not null check (char_length(subject) between 1 and 100),
  at timestamptz not null
);
create index sign_in_attempts_subject on sign_in_attempts (subject, at);
create index sign_in_attempts_at on sign_in_attempts (at);
grant insert, select, delete on sign_in_attempts to almanac_system;
