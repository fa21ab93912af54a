export interface WebhookDelivery {
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
}

/** The one request that `cause` makes somebody send to the address it is given. */
export async function captureWebhook(
  cause: (url: string) => Promise<void>,
): Promise<WebhookDelivery> {
  const deliveries: WebhookDelivery[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      deliveries.push({ headers: request.headers, body: await request.bytes() });
      return new Response();
    },
  );
  try {
    await cause(`http://127.0.0.1:${server.addr.port}/webhooks`);
  } finally {
    await server.shutdown();
  }
  const [delivery, ...others] = deliveries;
  if (!delivery || others.length > 0) throw new Error(`${deliveries.length} deliveries, not one`);
  return delivery;
}
