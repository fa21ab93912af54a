import type postgres from "postgres";

/** Notes what the demo people have from the start, as the product does of what it writes itself. */
export async function seedChanges(sql: postgres.TransactionSql): Promise<void> {
  await sql`
    with existing as (
      select id as user_id, 'profile' as kind, id as entity_id, null::bigint as version, created_at as changed_at
      from users
      union all select user_id, 'plan', id, version, updated_at from plans
      union all select user_id, 'alert', id, version, updated_at from alerts),
    missing as (
      select existing.* from existing left join changes using (user_id, kind, entity_id)
      where changes.user_id is null),
    counted as (
      insert into change_counters as counter (user_id, last_number)
      select user_id, count(*) from missing group by user_id order by user_id
      on conflict (user_id) do update set last_number = counter.last_number + excluded.last_number
      returning user_id, last_number)
    insert into changes (user_id, kind, entity_id, number, operation, version, changed_at)
    select missing.user_id, kind, entity_id,
           last_number + 1 - row_number() over (partition by missing.user_id order by changed_at desc, kind, entity_id),
           'changed', version, changed_at
    from missing join counted on counted.user_id = missing.user_id`;
}
