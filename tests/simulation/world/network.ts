import type { Queue } from "../../../services/jobs/mod.ts";
import type { Vendors } from "../../../services/ctx.ts";
import type { Process } from "./process.ts";

/** What a process reaches outside of itself and Postgres. */
export interface Network {
  queueFor(process: Process): Pick<Queue, "publish" | "reach">;
  vendorsFor(process: Process): Vendors;
}
