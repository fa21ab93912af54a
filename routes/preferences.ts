import {
  listChanges,
  mergePreferences,
  Preferences,
  PreferencesChange,
  PreferencesInput,
  PreferencesPatch,
  replacePreferences,
} from "../services/preferences/mod.ts";
import { expectedVersion, versionTag } from "./http/cache_control.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { answerPage, openPage, pageOfSchema, PageQuery } from "./http/page.ts";
import { body, query } from "./http/validate.ts";

export const preferenceDocs: RouteDocs = {
  "GET /v1/preferences": {
    summary: "What you want to be told, where and when",
    access: "preferences:read",
    answers: { 200: Preferences, 304: null },
    headers: ["If-None-Match"],
  },
  "PUT /v1/preferences": {
    summary: "Replace your preferences",
    access: "preferences:write",
    answers: { 200: Preferences },
    problems: ["required_type"],
    headers: ["If-Match"],
  },
  "PATCH /v1/preferences": {
    summary: "Change some of your preferences",
    about: "A JSON merge patch, RFC 7396.",
    access: "preferences:write",
    answers: { 200: Preferences },
    problems: ["required_type"],
    headers: ["If-Match"],
  },
  "GET /v1/preferences/history": {
    summary: "Every version of your preferences, latest first",
    access: "preferences:read",
    answers: { 200: pageOfSchema(PreferencesChange) },
  },
};

// Reading them is in hot.ts.
export const preferenceRoutes = api()
  .put("/v1/preferences", body(PreferencesInput, 64_000), async (c) => {
    const written = await replacePreferences(ctxOf(c), c.req.valid("json"), expectedVersion(c));
    return c.json(written, 200, { etag: versionTag(written.version) });
  })
  .patch("/v1/preferences", body(PreferencesPatch, 64_000), async (c) => {
    const written = await mergePreferences(ctxOf(c), c.req.valid("json"), expectedVersion(c));
    return c.json(written, 200, { etag: versionTag(written.version) });
  })
  .get("/v1/preferences/history", query(PageQuery), async (c) => {
    return answerPage(c, await listChanges(ctxOf(c), await openPage(c, c.req.valid("query"))));
  });
