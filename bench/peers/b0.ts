/**
 * B0: the least that Deno can do. A handler without parameters and one plain content type keep to the fast path of
 * `Deno.serve`, on which no request object is made. Its argument is the body; PORT chooses the port.
 */
const body = Deno.args[0] ?? "{}";
const headers = { "content-type": "application/json" };

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.env.get("PORT") ?? 0),
  onListen: ({ port }) => console.log(JSON.stringify({ port })),
}, () => new Response(body, { headers }));
