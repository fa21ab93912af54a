import type { Context } from "hono";
import { fail, Failure } from "../../lib/errors.ts";
import { problemResponse } from "../../lib/problem.ts";
import { asSystem, type Ctx } from "../../services/ctx.ts";
import {
  answerOnce,
  findAnswer,
  type KeptAnswer,
  type KeyedRequest,
} from "../../services/jobs/mod.ts";
import { type ApiEnv, ctxOf } from "./env.ts";

export interface CreateOptions {
  /** Slow reads with which the verb begins: done before its transaction, where it then finds them in memory. */
  warm?(ctx: Ctx): unknown;
  /** For a verb whose transaction acts as the product itself: the name that it gives to `asSystem`. */
  system?: string;
}

/**
 * Answers a POST that creates: `verb` does it, `view` makes the response of what it returns. With an
 * `Idempotency-Key` it is done once: the verb joins the transaction in which its answer is kept, and the same request
 * gets the same answer for a day. A verb used here touches nothing outside of Postgres before the commit.
 */
export async function createOnce<T, R extends Response>(
  c: Context<ApiEnv>,
  verb: (ctx: Ctx) => Promise<T>,
  view: (created: T) => R,
  options: CreateOptions = {},
): Promise<R> {
  const ctx = ctxOf(c);
  const key = c.req.header("idempotency-key");
  if (key === undefined) return view(await verb(ctx));
  const request = await keyedRequest(c, ctx, key);
  const session = options.system === undefined ? ctx : asSystem(ctx, options.system);
  const known = options.warm && await findAnswer(session, request);
  if (known) return responseOf(known, true) as R;
  await warmUp(ctx, options);
  const { answer, replayed } = await answerOnce(session, request, {
    // The person asks, whoever the transaction acts as.
    run: async (tx) => await keep(view(await verb({ ...tx, actor: ctx.actor }))),
    refusalOf: async (error) =>
      isFinal(error) ? await keep(problemResponse(error, ctx.requestId)) : undefined,
  });
  return responseOf(answer, replayed) as R;
}

/** Visible ASCII. Two headers of the name arrive joined by a comma and a blank, which is not. */
const keyPattern = /^[!-~]{1,255}$/;

async function keyedRequest(c: Context<ApiEnv>, ctx: Ctx, key: string): Promise<KeyedRequest> {
  const { actor } = ctx;
  if (actor.kind !== "person") return fail("not_signed_in");
  if (!keyPattern.test(key)) {
    const message = "must be 1 to 255 visible ASCII characters";
    fail("invalid_request", { errors: [{ path: "Idempotency-Key", message }] });
  }
  // The address and not its pattern: one key for simulations of two plans is two requests.
  const { pathname, search } = new URL(c.req.url);
  const route = `${c.req.method} ${pathname}${search}`;
  return { userId: actor.userId, route, key, fingerprint: await fingerprintOf(c) };
}

/** Of the bytes as they came: the text was read strictly. A route that reads no body has none. */
async function fingerprintOf(c: Context<ApiEnv>): Promise<Uint8Array> {
  const text = await c.req.bodyCache.text ?? "";
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

async function warmUp(ctx: Ctx, { warm }: CreateOptions): Promise<void> {
  try {
    await warm?.(ctx);
  } catch (error) {
    // What is final the verb finds out once more, in the transaction that keeps it.
    if (!isFinal(error)) throw error;
  }
}

/** About the moment, or about who may: the same request can be answered otherwise later. */
const askedAnew = new Set([401, 403, 408, 412, 428, 429]);

/** A refusal that the same request would get again. */
function isFinal(error: unknown): error is Failure {
  return error instanceof Failure && error.status < 500 && !error.retry &&
    !askedAnew.has(error.status);
}

const keptHeaders = ["content-type", "etag", "location"];

async function keep(response: Response): Promise<KeptAnswer> {
  const headers = keptHeaders.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return {
    status: response.status,
    headers: Object.fromEntries(headers),
    body: await response.text(),
  };
}

function responseOf({ status, headers, body }: KeptAnswer, replayed: boolean): Response {
  const said = replayed ? { ...headers, "idempotency-replayed": "true" } : headers;
  return new Response(body === "" ? null : body, { status, headers: said });
}
