import type { MiddlewareHandler } from "hono";

const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; frame-ancestors 'none'";

/**
 * The pages and switches of a stand-in are open to this machine without a token, so no other site may press their
 * buttons, nor read them under a name of its own that points here. They load nothing from anywhere.
 */
export const forOwnPages: MiddlewareHandler = async (c, next) => {
  const { host = "", origin = `http://${host}` } = c.req.header();
  const isLocal = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
  if (!isLocal || origin !== `http://${host}`) return c.text("Open this page locally.", 403);
  await next();
  c.header("content-security-policy", contentSecurityPolicy);
  // With "no-referrer" a browser would press our own buttons as Origin "null".
  c.header("referrer-policy", "same-origin");
  c.header("x-content-type-options", "nosniff");
};
