import type { Hono } from "hono";
import { z } from "zod";
import type { Broker } from "./broker.ts";
import { readJson } from "./requests.ts";
import type { UrlGroup } from "./url_groups.ts";

const endpointsShape = z.object({
  endpoints: z.array(z.object({ name: z.string().optional(), url: z.string() })),
});
const removedEndpointsShape = z.object({
  endpoints: z.array(z.object({ name: z.string().optional(), url: z.string().optional() })),
});
/** The documentation writes a value both plain and in a list. */
const headersShape = z.object({
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});

/** URL groups, which older addresses call topics. */
export function mountUrlGroups(api: Hono, { groups }: Broker) {
  api.get("/v2/topics", (c) => c.json(groups.list().map(viewOf)));
  api.get("/v2/topics/:name", (c) => c.json(viewOf(groups.get(c.req.param("name")))));
  api.delete("/v2/topics/:name", (c) => {
    groups.delete(c.req.param("name"));
    return c.body(null, 200);
  });
  api.patch("/v2/topics/:name", async (c) => {
    const { headers } = await readJson(c, headersShape);
    const plain = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(", ")]);
    groups.setHeaders(c.req.param("name"), Object.fromEntries(plain));
    return c.body(null, 200);
  });
  api.post("/v2/topics/:name/endpoints", async (c) => {
    const { endpoints } = await readJson(c, endpointsShape);
    groups.add(c.req.param("name"), endpoints);
    return c.body(null, 200);
  });
  api.delete("/v2/topics/:name/endpoints", async (c) => {
    const { endpoints } = await readJson(c, removedEndpointsShape);
    groups.remove(c.req.param("name"), endpoints);
    return c.body(null, 200);
  });
}

function viewOf({ headers: _not, ...shown }: UrlGroup) {
  return shown;
}
