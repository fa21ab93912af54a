import * as z from "zod";

const Dependency = z.object({
  name: z.string(),
  state: z.enum(["up", "down"]),
  latencyMs: z.number(),
});

/** How the parts that we stand on do. */
export const Readiness = z.object({
  state: z.enum(["ready", "degraded", "down"]),
  dependencies: z.array(Dependency),
}).meta({ id: "Readiness" });

export type Readiness = z.infer<typeof Readiness>;
export type Dependency = z.infer<typeof Dependency>;
