import type { Context } from "hono";
import type { z } from "zod";
import type { PublishRequest } from "./message.ts";
import { Refusal } from "./refusal.ts";

/** Reads a publish whose destination begins after `prefixLength` parts of the path. */
export async function readPublish(c: Context, prefixLength: number): Promise<PublishRequest> {
  const body = new Uint8Array(await c.req.arrayBuffer());
  const headers = c.req.raw.headers;
  return { destination: pathAfter(c.req.url, prefixLength), headers, body };
}

/** Reads a JSON body of a known shape; throws a 400 that names the first wrong place. */
export async function readJson<Shape>(c: Context, shape: z.ZodType<Shape>): Promise<Shape> {
  const parsed = shape.safeParse(await c.req.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Refusal(400, `invalid body: ${issue?.path.join(".")} ${issue?.message}`);
}

/** A destination travels in the path as it is, slashes, colons and its own query included. */
function pathAfter(url: string, prefixLength: number): string {
  const path = url.slice(url.indexOf("/", url.indexOf("://") + 3) + 1);
  return path.split("/").slice(prefixLength).join("/");
}
