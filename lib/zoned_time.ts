/** A calendar day without a zone. */
export interface LocalDay {
  year: number;
  month: number;
  day: number;
}

export interface LocalTime {
  hour: number;
  minute: number;
}

/** The rules of time zones, as pure functions. */
export interface ZonedTime {
  localDay(epochMs: number, timeZone: string): LocalDay;
  addDays(day: LocalDay, days: number): LocalDay;
  /** 0 for Monday to 6 for Sunday. */
  weekday(day: LocalDay): number;
  /**
   * The moment of a wall-clock time. In the hour that spring skips, the moment as much later as the clock jumps; in
   * the hour that autumn repeats, the first of the two (RFC 5545, and `compatible` of Temporal).
   */
  toEpochMs(day: LocalDay, time: LocalTime, timeZone: string): number;
}

type TemporalApi = typeof import("temporal-polyfill").Temporal;

/** The runtime's own Temporal where it has one (Deno 2.9), else the polyfill: Deno Deploy runs 2.5, which has none. */
export async function loadZonedTime(): Promise<ZonedTime> {
  const own = (globalThis as { Temporal?: TemporalApi }).Temporal;
  return overTemporal(own ?? (await import("temporal-polyfill")).Temporal);
}

/** The same functions over any implementation of Temporal, so that a test can hold two against each other. */
export function overTemporal(temporal: TemporalApi): ZonedTime {
  const { Instant, PlainDate } = temporal;
  return {
    localDay(epochMs, timeZone) {
      const { year, month, day } = Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(
        timeZone,
      );
      return { year, month, day };
    },
    addDays(day, days) {
      const { year, month, day: dayOfMonth } = PlainDate.from(day).add({ days });
      return { year, month, day: dayOfMonth };
    },
    weekday: (day) => PlainDate.from(day).dayOfWeek - 1,
    toEpochMs: (day, time, timeZone) =>
      PlainDate.from(day).toPlainDateTime(time).toZonedDateTime(timeZone, {
        disambiguation: "compatible",
      })
        .epochMilliseconds,
  };
}
