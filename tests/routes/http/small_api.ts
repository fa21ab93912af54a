import { z } from "zod";
import { reachable } from "../../support/exchange.ts";
import { api } from "../../../routes/http/env.ts";
import { onError, onNotFound } from "../../../routes/http/errors.ts";
import { body, param, query } from "../../../routes/http/validate.ts";

const Note = z.strictObject({
  text: z.string().optional(),
  count: z.int().min(0).max(100).optional(),
  lines: z.array(z.string()).max(1_000).optional(),
  inner: z.strictObject({ deep: z.string().optional() }).optional(),
});

/** Routes that do nothing but say what came through the checks in front of them. */
export const smallApi = api()
  .post("/notes", body(Note), (c) => c.json({ got: c.req.valid("json") }))
  .post("/small", body(z.unknown(), 100), (c) => c.json({ got: c.req.valid("json") }))
  .post("/any", body(z.unknown()), async (c) => {
    return c.json({ got: c.req.valid("json"), again: await c.req.json() });
  })
  .get(
    "/notes/:id",
    param(z.strictObject({ id: z.uuid() })),
    query(z.strictObject({ page: z.string().regex(/^\d+$/).optional() })),
    (c) => c.json({ got: c.req.valid("query") }),
  )
  .get("/symbols/:symbol", param(z.strictObject({ symbol: z.string().max(5) })), (c) => {
    return c.json({ got: c.req.valid("param") });
  });
smallApi.onError(onError);
smallApi.notFound(onNotFound);

export interface Answer {
  status: number;
  code?: string;
  got?: unknown;
  again?: unknown;
  errors?: { path: string; message: string }[];
}

/** Posts raw bytes or text as JSON and reads the answer. */
export async function post(
  path: string,
  body: BodyInit,
  contentType: string | null = "application/json",
): Promise<Answer> {
  const headers: Record<string, string> = contentType === null ? {} : {
    "content-type": contentType,
  };
  const response = await reachable(smallApi).request(path, { method: "POST", body, headers });
  return { status: response.status, ...await response.json() };
}

export async function get(path: string): Promise<Answer> {
  const response = await reachable(smallApi).request(path);
  return { status: response.status, ...await response.json() };
}
