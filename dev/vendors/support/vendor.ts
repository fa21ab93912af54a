import { type Context, Hono } from "hono";
import { stopwatch } from "../../../lib/time.ts";
import { listen } from "../../redis/listener.ts";
import { createFaults, type FaultChoice, type FaultOptions } from "./faults.ts";
import { forOwnPages } from "./own_pages.ts";

export interface RunningVendor<Own extends string> {
  readonly url: string;
  /** How long the start took. */
  readonly elapsedMs: number;
  setFault(choice: FaultChoice<Own>): void;
  /** How many requests each of the faults that were set last has hit, in their order. */
  faultHits(): number[];
  stop(): Promise<void>;
}

export interface VendorOptions<Own extends string>
  extends Pick<FaultOptions<Own>, "own" | "statusAnswer"> {
  /** A free one where none is given. */
  port?: number;
  /** The paths that faults hit, as `/v3/*`. */
  api: string;
  /** Sees every request to the interface before a fault can hit it. */
  record?(c: Context): void;
  /** Adds the vendor's interface and the stand-in's own pages. */
  mount(app: Hono): void;
}

/** Serves one vendor on 127.0.0.1, with its faults and their switch at /dev/fault. */
export function startVendor<Own extends string>(options: VendorOptions<Own>): RunningVendor<Own> {
  const elapsed = stopwatch();
  const app = new Hono();
  const listener = listen(options.port ?? 0, async (request) => await app.fetch(request));
  const faults = createFaults<Own>({
    ...options,
    onChange: (set) =>
      set.some(({ kind }) => kind === "refuse") ? listener.close() : listener.open(),
  });
  app.use("/", forOwnPages);
  app.use("/mails/*", forOwnPages);
  app.use("/dev/*", forOwnPages);
  app.use(options.api, async (c, next) => {
    options.record?.(c);
    await next();
  });
  app.use(options.api, faults.middleware);
  faults.mount(app);
  options.mount(app);
  return {
    url: `http://127.0.0.1:${listener.port}`,
    elapsedMs: elapsed(),
    setFault: faults.set,
    faultHits: faults.hits,
    async stop() {
      faults.stop();
      await listener.stop();
    },
  };
}
