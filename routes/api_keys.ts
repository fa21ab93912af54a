import {
  ApiKey,
  ApiKeyInput,
  createApiKey,
  getApiKey,
  listApiKeys,
  NewApiKey,
  revokeApiKey,
} from "../services/auth/mod.ts";
import type { RouteDocs } from "./http/describe.ts";
import { api, ctxOf } from "./http/env.ts";
import { answerPage, openPage, pageOfSchema, PageQuery } from "./http/page.ts";
import { IdParam } from "./http/parameters.ts";
import { body, param, query } from "./http/validate.ts";

export const apiKeyDocs: RouteDocs = {
  "POST /v1/api-keys": {
    summary: "Make a key for a program that acts for you",
    about:
      "The key is shown this once; send it as `Authorization: Bearer almanac_…`. It may do what its scopes name and you " +
      "may do yourself at that moment, but not sign in, nor make or see keys: all of `/v1/api-keys` asks for you.",
    access: "person",
    answers: { 201: NewApiKey },
    problems: ["forbidden", "api_key_limit_reached"],
  },
  "GET /v1/api-keys": {
    summary: "Your API keys, latest first",
    about: "Revoked and expired ones are listed for 90 days.",
    access: "person",
    answers: { 200: pageOfSchema(ApiKey) },
    problems: ["forbidden"],
  },
  "GET /v1/api-keys/:id": {
    summary: "One of your API keys",
    access: "person",
    answers: { 200: ApiKey },
    problems: ["forbidden", "not_found"],
  },
  "DELETE /v1/api-keys/:id": {
    summary: "Revoke an API key",
    about: "It is refused everywhere within a second, and listed as revoked for 90 days.",
    access: "person",
    answers: { 200: ApiKey },
    problems: ["forbidden", "not_found"],
  },
};

const bodyMaxBytes = 16_384;

export const apiKeyRoutes = api()
  .post("/v1/api-keys", body(ApiKeyInput, bodyMaxBytes), async (c) => {
    const made = await createApiKey(ctxOf(c), c.req.valid("json"));
    return c.json(made, 201, { location: `/v1/api-keys/${made.id}` });
  })
  .get("/v1/api-keys", query(PageQuery), async (c) => {
    return answerPage(c, await listApiKeys(ctxOf(c), await openPage(c, c.req.valid("query"))));
  })
  .get("/v1/api-keys/:id", param(IdParam), async (c) => {
    return c.json(await getApiKey(ctxOf(c), c.req.valid("param").id));
  })
  .delete("/v1/api-keys/:id", param(IdParam), async (c) => {
    return c.json(await revokeApiKey(ctxOf(c), c.req.valid("param").id));
  });
