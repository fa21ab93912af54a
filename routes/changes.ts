import * as z from "zod";
import { ChangeFeed, getChanges } from "../services/changes/mod.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { Cursor, Limit, openCursor, sealCursor } from "./http/page.ts";
import { query } from "./http/validate.ts";

const ChangesQuery = z.strictObject({
  since: Cursor.optional().describe("`nextCursor` of the last answer."),
  limit: Limit,
});

export const changeDocs: RouteDocs = {
  "GET /v1/changes": {
    summary: "What has changed since you last asked, for a phone that keeps a copy",
    about:
      "Each thing once, the longest ago first, as ids: read it where `href` says. Without `since` everything that " +
      "exists now, so that a new phone starts with the same call. `nextCursor` is always there; ask again at once " +
      "while `hasMore`, and later with the last one. Only of kinds that you may read.",
    access: "person",
    answers: { 200: ChangeFeed },
  },
};

export const changeRoutes = api()
  .get("/v1/changes", query(ChangesQuery), async (c) => {
    const { since, limit } = c.req.valid("query");
    const opened = since === undefined ? undefined : await openCursor(c, since, "since");
    const feed = await getChanges(ctxOf(c), { since: opened, limit });
    return c.json({ ...feed, nextCursor: await sealCursor(c, feed.nextCursor) });
  });
