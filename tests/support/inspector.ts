import postgres from "postgres";

/** A connection as the owner of everything, past row-level security. */
export interface Inspector {
  sql: postgres.Sql;
  waitingJobs(): Promise<number>;
  close(): Promise<void>;
}

export function openInspector(url: string): Inspector {
  const sql = postgres(url, { max: 2, onnotice: () => {} });
  return {
    sql,
    async waitingJobs() {
      const [row] = await sql<{ waiting: number }[]>`
        select ((select count(*) from outbox where published_at is null and ended_at is null)
              + (select count(*) from job_runs where state = 'running'))::int as waiting`;
      return row?.waiting ?? 0;
    },
    close: () => sql.end({ timeout: 1 }),
  };
}
