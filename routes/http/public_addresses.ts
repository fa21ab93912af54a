import type { RouteDocs } from "./describe.ts";

/**
 * Which addresses need no sign-in, from the documentation of the routes. Addresses outside of `/v1` belong to
 * machines that prove themselves otherwise (the job door, webhooks) or to nobody, and are left to their routes.
 */
export function publicAddresses(docs: RouteDocs): (method: string, path: string) => boolean {
  const open = Object.entries(docs)
    .filter(([, doc]) => doc.access === "public")
    .map(([route]) => route.split(" ") as [string, string])
    .map(([method, path]) => ({ method, pattern: patternOf(path) }));
  return (method, path) =>
    !path.startsWith("/v1/") || method === "OPTIONS" ||
    open.some((route) => route.method === method && route.pattern.test(path));
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`);
}
