import type { Context } from "hono";
import { z } from "zod";
import type { PublishRequest } from "./message.ts";
import { Refusal } from "./refusal.ts";

const batchBytesMax = 100_000_000;
const batchShape = z.array(z.object({
  destination: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().nullish(),
  queue: z.string().optional(),
}));

export type BatchItem = z.infer<typeof batchShape>[number];

/** Reads a publish, an enqueue or a schedule: what they ask for stands in the path, the query and the headers. */
export async function readPublish(c: Context): Promise<PublishRequest> {
  const body = new Uint8Array(await c.req.arrayBuffer());
  const [, kind, queueName] = partsOf(c.req.url);
  const isEnqueue = kind === "enqueue";
  const { destination, settings } = splitQuery(pathAfter(c.req.url, isEnqueue ? 3 : 2));
  const headers = new Headers(c.req.raw.headers);
  // Our own token goes no further; beside one in the query, the header is the sender's.
  if (!settings.has("qstash_token")) headers.delete("authorization");
  for (const [name, value] of settings) {
    if (name !== "qstash_token") headers.set(name, value);
  }
  return { destination, headers, body, queueName: isEnqueue ? queueName : undefined };
}

/** Reads the items of a batch; throws 413 for more than 100 MB. */
export async function readBatch(c: Context): Promise<BatchItem[]> {
  if ((await c.req.arrayBuffer()).byteLength > batchBytesMax) {
    throw new Refusal(413, `a batch is larger than ${batchBytesMax} bytes`);
  }
  return await readJson(c, batchShape);
}

/** Throws a TypeError for what is no name or value of a header. */
export function requestOfItem({ destination, headers, body, queue }: BatchItem): PublishRequest {
  const bytes = new TextEncoder().encode(body ?? "");
  return { destination, headers: new Headers(headers), body: bytes, queueName: queue };
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
  return partsOf(url).slice(prefixLength).join("/");
}

function partsOf(url: string): string[] {
  return url.slice(url.indexOf("/", url.indexOf("://") + 3) + 1).split("/");
}

/**
 * A sender that can set no headers says in the query what they would: `qstash_token` and `upstash-*`.
 * The rest of the query is the destination's, and stays as it is written.
 */
function splitQuery(path: string): { destination: string; settings: Map<string, string> } {
  const settings = new Map<string, string>();
  const start = path.indexOf("?");
  if (start < 0 || !/[?&](qstash_token|upstash-)/i.test(path)) {
    return { destination: path, settings };
  }
  const kept = path.slice(start + 1).split("&").filter((pair) => {
    const [[name = "", value = ""] = []] = new URLSearchParams(pair);
    if (name !== "qstash_token" && !/^upstash-/i.test(name)) return true;
    settings.set(name.toLowerCase(), value);
    return false;
  });
  const query = kept.length === 0 ? "" : `?${kept.join("&")}`;
  return { destination: path.slice(0, start) + query, settings };
}
