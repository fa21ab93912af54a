/** The product's own checks of a body, by the router that it uses, with nothing behind them. */
import { api } from "../../routes/http/env.ts";
import { body } from "../../routes/http/validate.ts";
import { PreferencesInput } from "../../services/preferences/mod.ts";

const app = api().put("/v1/preferences", body(PreferencesInput, 64_000), (c) => {
  return c.req.valid("json") ? c.body(null, 204) : c.body(null, 500);
});

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port })),
}, (request) => app.fetch(request));
