import { createBreaker } from "../../../lib/breaker.ts";
import { tellCircuit } from "../../../lib/events.ts";
import type { Log } from "../../../lib/log.ts";
import { type Clock, secondMs } from "../../../lib/time.ts";
import { ProviderFailure, type QuoteProvider } from "../ports.ts";

/** Failures in a row after which a provider is left alone for a while. */
const failuresMax = 5;
const openMs = 10 * secondMs;
const quoteDeadlineMs = 3 * secondMs;
/** Decades of bars are megabytes. */
const barsDeadlineMs = 10 * secondMs;

/**
 * A provider behind a deadline and a circuit breaker. Not to know a symbol, or to refuse a kind of question, is no
 * fault; an error that is not a ProviderFailure is one of its adapter, and counts as an answer that made no sense.
 */
export function guarded(provider: QuoteProvider, now: Clock, log: Log): QuoteProvider {
  const { name } = provider;
  const breaker = createBreaker({
    name,
    now,
    failures: failuresMax,
    openMs,
    onChange: tellCircuit(log, name),
  });

  async function call<T>(
    deadlineMs: number,
    outer: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (!breaker.allows()) {
      throw new ProviderFailure(name, "unavailable", "its circuit is open", {
        retryAfterMs: openMs,
      });
    }
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), deadlineMs);
    try {
      const answer = await work(AbortSignal.any([outer, deadline.signal]));
      breaker.succeeded();
      return answer;
    } catch (error) {
      outer.throwIfAborted();
      const failure = asFailure(error, deadline.signal.aborted);
      if (failure.kind === "unknown_symbol" || failure.kind === "refused") breaker.succeeded();
      else breaker.failed();
      throw failure;
    } finally {
      clearTimeout(timer);
    }
  }

  function asFailure(error: unknown, late: boolean): ProviderFailure {
    if (error instanceof ProviderFailure) return error;
    if (late) return new ProviderFailure(name, "unavailable", "no answer in time");
    log.error("market data adapter", { provider: name, error });
    return new ProviderFailure(name, "malformed", "its adapter failed", { cause: error });
  }

  const { actions } = provider;
  return {
    name,
    synthetic: provider.synthetic,
    ...(provider.symbols ? { symbols: () => provider.symbols?.() ?? [] } : {}),
    quote: (symbol, { signal }) =>
      call(quoteDeadlineMs, signal, (inner) => provider.quote(symbol, { signal: inner })),
    bars: (symbol, range) =>
      call(barsDeadlineMs, range.signal, (signal) => provider.bars(symbol, { ...range, signal })),
    ...(actions
      ? {
        actions: (symbol, range) =>
          call(
            barsDeadlineMs,
            range.signal,
            (signal) => actions.call(provider, symbol, { ...range, signal }),
          ),
      }
      : {}),
  };
}
