import type { Hono } from "hono";
import type { Broker } from "./broker.ts";
import { type FlowLimits, readLimit, readPeriod } from "./flow_limits.ts";

/** Flow-control keys: to look at, to pause, to hold against what messages bring, to begin anew. */
export function mountFlowControl(api: Hono, broker: Broker) {
  const { flows } = broker;
  api.get("/v2/globalParallelism", (c) => {
    const parallelismCount = broker.dispatch.inFlightCount();
    return c.json({ parallelismMax: broker.parallelism, parallelismCount });
  });
  api.get("/v2/flowControl", (c) => {
    const search = c.req.query("search") ?? "";
    return c.json(flows.list().filter(({ flowControlKey }) => flowControlKey.includes(search)));
  });
  api.get("/v2/flowControl/:key", (c) => c.json(flows.view(c.req.param("key"))));
  const verbs: Record<string, (key: string, query: Record<string, string>) => void> = {
    pause: (key) => flows.setPaused(key, true),
    resume: (key) => flows.setPaused(key, false),
    pin: (key, query) => flows.pin(key, readPin(query)),
    unpin: (key, { parallelism, rate }) =>
      flows.unpin(key, { parallelism: parallelism === "true", rate: rate === "true" }),
    resetRate: (key) => flows.resetRate(key),
    reset: (key) => flows.reset(key),
  };
  for (const [verb, run] of Object.entries(verbs)) {
    api.post(`/v2/flowControl/:key/${verb}`, (c) => {
      run(c.req.param("key"), c.req.query());
      return c.body(null, 200);
    });
  }
}

function readPin(query: Record<string, string>): Partial<FlowLimits> {
  const { parallelism, rate, period } = query;
  return {
    ...(parallelism === undefined ? {} : { parallelism: readLimit("parallelism", parallelism) }),
    ...(rate === undefined ? {} : { rate: readLimit("rate", rate) }),
    ...(period === undefined ? {} : { periodMs: readPeriod(period) }),
  };
}
