/** The least that any server does with a body: reads it. */
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port })),
}, async (request) => {
  const text = await request.text();
  return new Response(null, { status: text === "" ? 400 : 204 });
});
