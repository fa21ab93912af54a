import type { Context, TypedResponse } from "hono";
import * as z from "zod";
import { refuseCursor } from "../../lib/cursor.ts";
import type { Page } from "../../lib/page.ts";
import { type ApiEnv, ctxOf } from "./env.ts";

/** Opaque; what is inside is looked at when it is opened. */
export const Cursor = z.string().max(400);

const limitUsual = 50;

/** How many items of a list are wanted: 1 to 100, 50 by default. */
export const Limit = z.string().regex(/^([1-9]\d?|100)$/, "must be a whole number from 1 to 100")
  .transform(Number).default(limitUsual);

/** What every list takes; one with filters adds its own. */
export const pageFields = { cursor: Cursor.optional(), limit: Limit };
export const PageQuery = z.strictObject(pageFields);

/** The answer of a list, for its documentation. */
export function pageOfSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** The query with its cursor opened, as the verb takes it. `invalid_request` for a cursor that is not of this list. */
export async function openPage<Query extends { cursor?: string }>(
  c: Context<ApiEnv>,
  query: Query,
): Promise<Query> {
  if (query.cursor === undefined) return query;
  return { ...query, cursor: await openCursor(c, query.cursor) };
}

/** A page as `hono/client` knows it: told in so many words, since working it out of each item's type goes too deep. */
type PageAnswer<Item> = Response & TypedResponse<Page<Item>, 200, "json">;

/** Answers a page with its cursor sealed, and with a link to the next one that keeps the filters (RFC 8288). */
export async function answerPage<Item>(
  c: Context<ApiEnv>,
  { items, nextCursor }: Page<Item>,
): Promise<PageAnswer<Item>> {
  const cursor = nextCursor === null ? null : await sealCursor(c, nextCursor);
  if (cursor !== null) {
    const next = new URLSearchParams(c.req.query());
    next.set("cursor", cursor);
    next.set("limit", c.req.query("limit") ?? String(limitUsual));
    // By path alone: whatever the Host header says, a client stays where it is.
    c.header("link", `<${c.req.path}?${next}>; rel="next"`);
  }
  return c.json({ items, nextCursor: cursor } as never) as PageAnswer<Item>;
}

/** A place in the list that this request is about, for this person only. */
export async function sealCursor(c: Context<ApiEnv>, place: string): Promise<string> {
  return (await ctxOf(c).keys.cursors()).seal(place, aboutOf(c));
}

/** What `sealCursor` sealed. `invalid_request` that names `parameter` for anything else. */
export async function openCursor(
  c: Context<ApiEnv>,
  cursor: string,
  parameter = "cursor",
): Promise<string> {
  return (await ctxOf(c).keys.cursors()).open(cursor, aboutOf(c)) ?? refuseCursor(parameter);
}

/** An id in the path may be written in capitals; it is the same list. */
function aboutOf(c: Context<ApiEnv>): string {
  const { actor } = ctxOf(c);
  return `${actor.kind === "person" ? actor.userId : actor.kind}\n${c.req.path.toLowerCase()}`;
}
