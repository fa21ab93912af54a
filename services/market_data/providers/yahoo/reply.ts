import * as z from "zod";
import {
  type OutsideAnswer,
  type OutsideFailure,
  parseRetryAfter,
} from "../../../../lib/http_client.ts";
import type { EpochMs } from "../../../../lib/time.ts";
import { ProviderFailure, type ProviderFailureKind } from "../../ports.ts";

const reasonLengthMax = 300;
const issuesMax = 3;

const price = z.number().positive();
const seconds = z.int().positive();
const period = z.object({ start: seconds, end: seconds });

/** What we use of `meta` for every kind of answer; Yahoo sends some twenty fields more. */
const meta = z.object({
  symbol: z.string(),
  currency: z.string().regex(/^[A-Za-z]{3}$/),
  exchangeTimezoneName: z.string().min(1),
  priceHint: z.int().min(0).max(12).default(2),
});

const quoteMeta = meta.extend({
  regularMarketPrice: price,
  regularMarketTime: seconds,
  regularMarketVolume: z.number().nonnegative(),
  instrumentType: z.string().optional(),
  previousClose: price.optional(),
  chartPreviousClose: price,
  range: z.string(),
  currentTradingPeriod: z.object({ pre: period, regular: period, post: period }),
});

export type Meta = z.output<typeof meta>;
export type QuoteMeta = z.output<typeof quoteMeta>;

const column = (value: z.ZodType<number>) => z.array(value.nullable()).default([]);

const series = z.object({
  meta,
  timestamp: z.array(seconds).default([]),
  indicators: z.object({
    quote: z.tuple([
      z.object({
        open: column(price),
        high: column(price),
        low: column(price),
        close: column(price),
        volume: column(z.number().nonnegative()),
      }),
    ]),
  }),
});

const events = z.object({
  meta,
  events: z.object({
    dividends: z.record(z.string(), z.object({ date: seconds, amount: price })).default({}),
    splits: z.record(
      z.string(),
      z.object({ date: seconds, numerator: price, denominator: price }),
    ).default({}),
  }).default({ dividends: {}, splits: {} }),
});

export type Series = z.output<typeof series>;
export type Events = z.output<typeof events>;

/** An answer of status 200, as the caller needs it. Throws ProviderFailure for every other one. */
export const readQuoteMeta = reader(z.object({ meta: quoteMeta }));
export const readSeries = reader(series);
export const readEvents = reader(events);

function reader<Result extends { meta: Meta }>(result: z.ZodType<Result>) {
  const schema = z.object({ chart: z.object({ result: z.tuple([result]) }) });
  return (answer: OutsideAnswer, symbol: string, nowMs: EpochMs): Result => {
    const body = parse(answer.text);
    const error = errorSchema.safeParse(body).data?.chart.error;
    if (answer.status !== 200 || error) throw toFailure(answer, error, nowMs);
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw failure("malformed", summaryOf(parsed.error));
    const [found] = parsed.data.chart.result;
    if (found.meta.symbol.toUpperCase() !== symbol) {
      throw failure("malformed", `asked for ${symbol}, answered ${found.meta.symbol}`);
    }
    return found;
  };
}

const errorSchema = z.object({
  chart: z.object({
    error: z.object({ code: z.string(), description: z.string().nullish() }),
  }),
});

type ChartError = z.output<typeof errorSchema>["chart"]["error"];

/** A window in which the symbol did not trade yet is an empty answer, although Yahoo words it as an error. */
export function isEmptyWindow(error: unknown): boolean {
  return error instanceof ProviderFailure &&
    error.reason.includes("Data doesn't exist for startDate");
}

/** What a failed exchange means. The caller's own abort never comes here. */
export function toFailureWithoutAnswer(cause: OutsideFailure): ProviderFailure {
  const kind = cause.kind === "too_large" ? "malformed" : "unavailable";
  return failure(kind, `no answer: ${cause.kind}`, { cause });
}

/** Only Yahoo's own words make a symbol unknown: the 404 of some proxy says nothing about it. */
function toFailure(
  { status, headers }: OutsideAnswer,
  error: ChartError | undefined,
  nowMs: EpochMs,
): ProviderFailure {
  const reason = [status, error?.code, error?.description].filter(Boolean).join(" ");
  const retryAfterMs = parseRetryAfter(headers.get("retry-after"), nowMs);
  if (status === 429) return failure("limited", reason, { retryAfterMs });
  if (error?.code === "Not Found") return failure("unknown_symbol", reason);
  if (status >= 500) return failure("unavailable", reason, { retryAfterMs });
  return failure(status === 404 ? "malformed" : "refused", reason);
}

/** For the bodies that are not even JSON: HTML, text, NaN, half an answer. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function summaryOf({ issues }: z.ZodError): string {
  return issues.slice(0, issuesMax).map(({ path, message }) => `${path.join(".")}: ${message}`)
    .join("; ");
}

export function failure(
  kind: ProviderFailureKind,
  reason: string,
  details: { retryAfterMs?: number; cause?: unknown } = {},
): ProviderFailure {
  return new ProviderFailure("yahoo", kind, reason.slice(0, reasonLengthMax), details);
}
