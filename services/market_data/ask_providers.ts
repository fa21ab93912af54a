import type { Needs } from "../ctx.ts";
import { ProviderFailure, type QuoteProvider } from "./ports.ts";

/** What all providers together said: an answer, or why there is none. */
export type Answered<T> =
  | { answer: T; provider: QuoteProvider }
  | { answer: undefined; failures: ProviderFailure[] };

type Ask<T> = (provider: QuoteProvider, signal: AbortSignal) => Promise<T>;

/**
 * Asks the providers in order until one answers. One that does not know the symbol or fails passes the question on; a
 * made-up market is never asked for what a real source has failed to answer. Throws only for faults of ours.
 */
export async function askProviders<T>(
  ctx: Needs<"vendors">,
  ask: Ask<T>,
): Promise<Answered<T>> {
  const failures: ProviderFailure[] = [];
  // Many wait for one answer, so that nobody's own signal may end the call; the provider's deadline does.
  const { signal } = new AbortController();
  for (const provider of await ctx.vendors.quotes()) {
    if (provider.synthetic && failures.some(({ kind }) => kind !== "unknown_symbol")) continue;
    try {
      return { answer: await ask(provider, signal), provider };
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      failures.push(error);
    }
  }
  return { answer: undefined, failures };
}

/** Whether every source was asked and none knows the symbol. */
export function isUnknown(failures: ProviderFailure[]): boolean {
  return failures.length > 0 && failures.every(({ kind }) => kind === "unknown_symbol");
}
