import type { Sql } from "../../../lib/database.ts";
import { type EpochMs, secondMs } from "../../../lib/time.ts";
import type { Channel, MessageType } from "../../preferences/mod.ts";
import type { Status } from "../schema.ts";

/** Each step of priority lets others go first that come due up to so much later; so nobody waits for ever. */
const yieldMs = 30 * secondMs;
const prioritiesBelow = 3;

/** When a message has its turn. */
export function claimRank(dueMs: EpochMs, priority: number): Date {
  return new Date(dueMs + priority * yieldMs);
}

export interface ClaimedNotification {
  id: string;
  user_id: string;
  type: MessageType;
  channel: Channel;
  priority: number;
  data: Record<string, unknown>;
  /** This try counted in. */
  attempts: number;
  fence: string;
  expires_at: Date | null;
  maybe_sent: boolean;
  /** Its last sender's lease ran out after it had begun to send. */
  resumed: boolean;
}

/**
 * Takes due messages for `leaseMs` in the order of their rank. A message whose sender died comes up again when its
 * lease ends; SKIP LOCKED keeps senders that run at the same time apart, and the fence keeps a late one from settling.
 * Only one that its sender had begun to send may have been sent; a claim that came to nothing before is no try.
 * The bound on the rank is only for the index: without it each claim would read what is due next week. What is claimed
 * gets the rank of the end of its lease: else each claim would read past all that is being sent. The array makes sure
 * that rows are fetched by their key: of a join the planner may think that reading the whole table is less.
 */
export async function claimNotifications(
  sql: Sql,
  nowMs: EpochMs,
  leaseMs: number,
  rowsMax: number,
): Promise<ClaimedNotification[]> {
  const now = new Date(nowMs);
  const leaseUntil = new Date(nowMs + leaseMs);
  return await sql<ClaimedNotification[]>`
    with due as materialized (
      select id, status, maybe_sent, lease_until from notifications
      where status in ('queued', 'held', 'scheduled', 'sending') and next_attempt_at <= ${now}
        and claim_rank <= ${claimRank(nowMs, prioritiesBelow)}
        and (lease_until is null or lease_until < ${now})
      order by claim_rank limit ${rowsMax} for update skip locked)
    update notifications claimed
    set status = case due.status when 'sending' then 'queued' else due.status end,
        attempts = attempts + case when due.lease_until is null or due.status = 'sending' then 1 else 0 end,
        fence = fence + 1, lease_until = ${leaseUntil}, claim_rank = ${leaseUntil},
        maybe_sent = due.maybe_sent or due.status = 'sending'
    from due where claimed.id = any (array(select id from due)) and claimed.id = due.id
    returning claimed.id, user_id, type, channel, priority, data, attempts, fence, expires_at,
              claimed.maybe_sent, due.status = 'sending' as resumed`;
}

/**
 * Notes that claimed messages are handed to a vendor now: whoever finds them after this and no word of what came of it
 * must take them for sent. Answers which of them still are the caller's to send.
 */
export async function beginSending(
  sql: Sql,
  claimed: Pick<ClaimedNotification, "id" | "fence">[],
): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    update notifications set status = 'sending'
    from unnest(${claimed.map(({ id }) => id)}::uuid[], ${
    claimed.map(({ fence }) => fence)
  }::bigint[])
         as begun (id, fence)
    where notifications.id = begun.id and notifications.fence = begun.fence
      and status in ('queued', 'held', 'scheduled')
    returning notifications.id`;
  return new Set(rows.map(({ id }) => id));
}

/** What a try has come to. */
export interface Settlement {
  status: Status;
  reason: string;
  provider?: string;
  providerMessageId?: string;
  nextAttemptAtMs?: EpochMs;
  maybeSent?: boolean;
  /** It was put back without having been tried. */
  untried?: boolean;
  /** Its text in the inbox. */
  item?: { title: string; body: string };
}

/** A claim that has ended, and the id of the step in its trace. */
export interface Ended {
  eventId: string;
  claimed: ClaimedNotification;
  settlement: Settlement;
}

/**
 * Ends claims with a step in the trace of each, and answers the steps that moved their message. The others' status is not
 * ours to change any more: the lease ran out, or a receipt was faster than the vendor's answer. In the second case what
 * the vendor called the message is kept all the same.
 */
export async function settleNotifications(
  sql: Sql,
  ended: Ended[],
  nowMs: EpochMs,
): Promise<Set<string>> {
  const column = <T>(read: (one: Settlement, claimed: ClaimedNotification) => T | undefined) =>
    ended.map(({ settlement, claimed }) => read(settlement, claimed) ?? null);
  const dueMs = ({ nextAttemptAtMs = nowMs }: Settlement) => nextAttemptAtMs;
  const yesOrNo = (flag: boolean | undefined) => flag ? "yes" : "no";
  const rows = await sql<{ event_id: string }[]>`
    with ended as (
      select * from unnest(
        ${ended.map(({ eventId }) => eventId)}::uuid[], ${column((_, { id }) => id)}::uuid[],
        ${column((_, { fence }) => fence)}::bigint[], ${column((_, row) => row.user_id)}::uuid[],
        ${column(({ status }) => status)}::text[], ${column(({ reason }) => reason)}::text[],
        ${column((one) => new Date(dueMs(one)).toISOString())}::timestamptz[],
        ${
    column((one, { priority }) => claimRank(dueMs(one), priority).toISOString())
  }::timestamptz[],
        ${column(({ untried }) => yesOrNo(untried))}::text[],
        ${column(({ maybeSent }) => yesOrNo(maybeSent))}::text[],
        ${column(({ provider }) => provider)}::text[],
        ${column(({ providerMessageId }) => providerMessageId)}::text[],
        ${column(({ item }) => item?.title)}::text[], ${column(({ item }) => item?.body)}::text[])
      as e (event_id, id, fence, user_id, status, reason, due_at, claim_rank, untried, maybe_sent, provider,
            provider_message_id, title, body)
    ), held as (
      select e.event_id, n.id, n.lease_until is not null
        and n.status in ('queued', 'held', 'scheduled', 'sending') as ours
      from ended e join notifications n on n.id = e.id and n.fence = e.fence for update of n
    ), settled as (
      update notifications n
      set status = case when held.ours then e.status else n.status end,
          lease_until = null, next_attempt_at = e.due_at, claim_rank = e.claim_rank,
          attempts = n.attempts - case when e.untried = 'yes' and held.ours then 1 else 0 end,
          maybe_sent = n.maybe_sent or e.maybe_sent = 'yes', provider = coalesce(e.provider, n.provider),
          provider_message_id = coalesce(e.provider_message_id, n.provider_message_id),
          title = coalesce(e.title, n.title), body = coalesce(e.body, n.body)
      from ended e join held using (event_id) where n.id = held.id
      returning e.event_id, held.ours
    ), noted as (
      insert into notification_events (id, notification_id, user_id, at, status, reason, provider,
                                       provider_message_id, moved)
      select event_id, id, user_id, ${new Date(
    nowMs,
  )}, status, reason, provider, provider_message_id,
             coalesce(ours, false)
      from ended left join settled using (event_id)
      on conflict (id) do nothing
    )
    select event_id from settled where ours`;
  return new Set(rows.map(({ event_id }) => event_id));
}

/** Whether anything waits that nobody holds. */
export async function isAnyDue(sql: Sql, nowMs: EpochMs): Promise<boolean> {
  const now = new Date(nowMs);
  const rows = await sql`
    select from notifications
    where status in ('queued', 'held', 'scheduled', 'sending') and next_attempt_at <= ${now}
      and claim_rank <= ${claimRank(nowMs, prioritiesBelow)}
      and (lease_until is null or lease_until < ${now})
    order by claim_rank limit 1`;
  return rows.length === 1;
}
