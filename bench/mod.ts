/** The benches by name. Each is loaded only when it is run. */
import type { Figure } from "./figure.ts";

export interface BenchOptions {
  /** How often each variant is measured. */
  rounds: number;
  /** How long one measurement under load takes. */
  seconds: number;
}

/** Gives its figures as they become known. Throws where a peer or a program it needs is missing. */
export type Bench = (options: BenchOptions) => AsyncIterable<Figure>;

export const benches: Record<string, () => Promise<Bench>> = {
  ready: async () => (await import("./ready.ts")).benchReady,
  import: async () => (await import("./import.ts")).benchImport,
  quote: async () => (await import("./quote.ts")).benchQuote,
  preferences: async () => (await import("./preferences.ts")).benchPreferences,
  layers: async () => (await import("./layers.ts")).benchLayers,
  claims: async () => (await import("./claims.ts")).benchClaims,
  jobs: async () => (await import("./jobs.ts")).benchJobs,
};
