import type { Sql } from "../../lib/database.ts";

export interface AuditRow {
  id: string;
  atMs: number;
  actorKind: string;
  actorId: string;
  subjectId: string | null;
  action: string;
  entityId: string | null;
  fields: string[];
  requestId: string;
  address: string;
  userAgent: string;
}

export async function insertAudit(sql: Sql, row: AuditRow): Promise<void> {
  await sql`
    insert into audit_log (id, at, actor_kind, actor_id, subject_id, action, entity_id, fields, request_id,
                           address, user_agent)
    values (${row.id}, ${new Date(
    row.atMs,
  )}, ${row.actorKind}, ${row.actorId}, ${row.subjectId}, ${row.action},
            ${row.entityId}, ${row.fields}, ${row.requestId}, ${row.address}, ${row.userAgent})`;
}
