import { secondMs, stopwatch } from "../../lib/time.ts";
import { inTransaction, type Needs } from "../ctx.ts";
import type { Delivery, JobProgress, TellProgress } from "./schema.ts";
import { updateProgress } from "./store/runs.ts";

type ProgressNeeds = Needs<"actor" | "database" | "live" | "log" | "now">;

/** How often it is stored and shown: nobody looks faster, and a run that is over by then never is. */
const everyMs = secondMs;

/** What a long run tells of itself. */
export interface Progress {
  tell: TellProgress;
  /** What it told last; undefined where it never did. */
  latest(): JobProgress | undefined;
  /** Shows live how it ended, where anything was shown before. */
  close(state: "succeeded" | "failed"): void;
}

/**
 * Keeps how far a run is in its row, under its fence, and shows it on the channel `jobs`. The run never waits for it:
 * while one is being shown, the next are left out.
 */
export function openProgress(ctx: ProgressNeeds, delivery: Delivery, fence: number): Progress {
  const elapsedMs = stopwatch();
  let latest: JobProgress | undefined;
  let shownAtMs = 0;
  let shown = false;
  let showing = false;

  async function show(progress: JobProgress) {
    showing = true;
    try {
      const ours = await inTransaction(
        ctx,
        ({ sql }) => updateProgress(sql, delivery, fence, progress),
      );
      if (ours) await ctx.live.publish("jobs", frameOf(delivery, "running", progress));
    } catch (error) {
      ctx.log.warn("progress not shown", { error });
    }
    showing = false;
  }

  return {
    tell(done, total) {
      latest = { done, total: total ?? null };
      if (showing || elapsedMs() - shownAtMs < everyMs) return;
      shownAtMs = elapsedMs();
      shown = true;
      void show(latest);
    },
    latest: () => latest,
    close(state) {
      if (shown && latest) void ctx.live.publish("jobs", frameOf(delivery, state, latest));
    },
  };
}

function frameOf({ job, key, version }: Delivery, state: string, progress: JobProgress) {
  return { job, key, version, state, progress };
}
