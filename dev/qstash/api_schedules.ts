import type { Hono } from "hono";
import type { Broker } from "./broker.ts";
import { readPublish } from "./requests.ts";
import { deleteSchedule, getSchedule, saveSchedule, setSchedulePaused } from "./schedules.ts";
import { viewSchedule } from "./views.ts";

/** Schedules: the SDK pauses with PATCH, the documentation with POST; both are taken. */
export function mountSchedules(api: Hono, broker: Broker) {
  for (const [verb, isPaused] of [["pause", true], ["resume", false]] as const) {
    api.on(["PATCH", "POST"], `/v2/schedules/:id/${verb}`, (c) => {
      setSchedulePaused(broker, c.req.param("id"), isPaused);
      return c.body(null, 200);
    });
  }
  api.post("/v2/schedules/*", async (c) => {
    return c.json({ scheduleId: saveSchedule(broker, await readPublish(c)).id }, 201);
  });
  api.get("/v2/schedules", (c) => {
    const schedules = [...broker.schedules.values()];
    return c.json(schedules.map((schedule) => viewSchedule(broker, schedule)));
  });
  api.get("/v2/schedules/:id", (c) => {
    return c.json(viewSchedule(broker, getSchedule(broker, c.req.param("id"))));
  });
  api.delete("/v2/schedules/:id", (c) => {
    deleteSchedule(broker, c.req.param("id"));
    return c.body(null, 200);
  });
}
