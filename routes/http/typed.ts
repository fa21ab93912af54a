import type { TypedResponse } from "hono";

/** A JSON answer as the typed client sees it: with its value, or 304 without one. */
export type Typed<Value> =
  & Response
  & (TypedResponse<Value, 200, "json"> | TypedResponse<"", 304, "text">);

/** Tells the typed client what an answer of bytes that were serialised before holds. Does nothing while running. */
export function typed<Value>(response: Response | Promise<Response>): Promise<Typed<Value>> {
  return response as Promise<Typed<Value>>;
}
