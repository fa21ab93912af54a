import type { Json } from "../routes/http/json_schema.ts";
import { createApp, docs } from "../routes/mod.ts";
import { buildOpenApi } from "../routes/openapi.ts";

const publicUrl = "https://api.almanac.example";

/** The OpenAPI document of the whole app as it is assembled, without anything that it would need to answer. */
export function describeApp(): Json {
  return buildOpenApi(createApp(publicUrl), docs, publicUrl);
}
