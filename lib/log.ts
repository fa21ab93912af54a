import { safeJson } from "./redact.ts";
import type { Severity, SystemEvent } from "./events.ts";

export type Level = "debug" | "info" | "warn" | "error";
export type Fields = Record<string, unknown>;

export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** Whether lines of this level are kept: nobody need build one in vain. */
  takes(level: Level): boolean;
  /**
   * A line whose fields are JSON already, `"status":200,"path":"/v1"`: for the hot path (`bench/layers.ts`).
   * Nothing is taken out of them, so whoever builds them answers for what they hold.
   */
  line(level: Level, message: string, members: string): void;
  /** A line about the product itself; where events are kept, it can be found again there. */
  event(event: SystemEvent): void;
  /** The same log with fields that every line repeats. */
  with(fields: Fields): Log;
  flush(): void;
}

const order: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };
const levelOf: Record<Severity, Level> = {
  info: "info",
  warning: "warn",
  error: "error",
  critical: "error",
};
const flushLines = 256;
const flushDelayMs = 100;

export interface LogOptions {
  level: Level;
  /** JSON lines for machines, coloured lines for people. */
  format: "json" | "text";
  write?: (text: string) => void;
  now: () => number;
}

/**
 * Lines are gathered and written 256 at a time or after 100 ms: a write per request costs 10 µs of CPU, a buffered
 * line of plain fields about one. Errors are written at once.
 */
export function createLog(options: LogOptions): Log {
  const write = options.write ?? ((text) => console.log(text));
  const instant = instantMaker();
  const least = order[options.level];
  const isJson = options.format === "json";
  let lines: string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length === 0) return;
    const text = lines.join("\n");
    lines = [];
    write(text);
  }

  function keep(level: Level, message: string, members: string) {
    const time = instant(options.now());
    lines.push(
      isJson
        ? `{"time":"${time}","level":"${level}","message":${JSON.stringify(message)}${members}}`
        : textLine(time, level, message, members),
    );
    if (level === "error" || lines.length >= flushLines) return flush();
    timer ??= setTimeout(flush, flushDelayMs);
  }

  function withFields(bound: Fields): Log {
    const boundMembers = membersOf(bound);
    const at = (level: Level) => (message: string, fields?: Fields) => {
      if (order[level] < least) return;
      keep(level, message, fields ? joined(bound, boundMembers, fields) : boundMembers);
    };
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      takes: (level) => order[level] >= least,
      line(level, message, members) {
        if (order[level] < least) return;
        keep(level, message, members === "" ? boundMembers : `${boundMembers},${members}`);
      },
      event({ severity, kind, message, details }) {
        at(levelOf[severity])(message, { event: kind, ...details });
      },
      with: (fields) => withFields({ ...bound, ...fields }),
      flush,
    };
  }
  return withFields({});
}

/** A log that keeps nothing. */
export const silentLog: Log = createLog({
  level: "error",
  format: "json",
  write: () => {},
  now: () => 0,
});

/** A line's own fields behind the bound ones, of which it may replace some. */
function joined(bound: Fields, boundMembers: string, fields: Fields): string {
  if (boundMembers === "") return membersOf(fields);
  for (const name in fields) {
    if (Object.hasOwn(bound, name)) return membersOf({ ...bound, ...fields });
  }
  return boundMembers + membersOf(fields);
}

/** `,"name":value` of every field that JSON can hold. */
function membersOf(fields: Fields): string {
  let text = "";
  for (const name of Object.keys(fields)) {
    const json = memberOf(name, fields);
    if (json !== undefined) text += headOf(name) + json;
  }
  return text;
}

function memberOf(name: string, fields: Fields): string | undefined {
  try {
    return safeJson(name, fields[name]);
  } catch {
    return '"(cannot be printed)"';
  }
}

const headsMax = 1_000;
const heads = new Map<string, string>();

/** `,"name":`, remembered: the names in our code are few, and need not be quoted anew for each line. */
function headOf(name: string): string {
  const known = heads.get(name);
  if (known !== undefined) return known;
  // What stands at the head of each line is ours to say, once.
  const isTaken = name === "time" || name === "level" || name === "message";
  const head = `,${JSON.stringify(isTaken ? `field_${name}` : name)}:`;
  if (heads.size < headsMax) heads.set(name, head);
  return head;
}

/** ISO 8601 with milliseconds. A date is made once a second, since that costs more than the rest of a line. */
function instantMaker(): (nowMs: number) => string {
  let second = NaN;
  let head = "";
  return (nowMs) => {
    const wholeMs = Math.floor(nowMs);
    const seconds = Math.floor(wholeMs / 1_000);
    if (seconds !== second) {
      head = new Date(seconds * 1_000).toISOString().slice(0, 20);
      second = seconds;
    }
    return `${head}${String(wholeMs - seconds * 1_000).padStart(3, "0")}Z`;
  };
}

const colours: Record<Level, string> = {
  debug: "\x1b[90m",
  info: "\x1b[36m",
  warn: "\x1b[33m",
  error: "\x1b[31m",
};

/** A line for people. It is made of the same JSON, so that both formats show and hide the same. */
function textLine(time: string, level: Level, message: string, members: string): string {
  const rest = Object.entries(parse(members)).map(([name, value]) => ` ${name}=${inline(value)}`);
  const coloured = `${colours[level]}${level.padEnd(5)}\x1b[0m`;
  return `${time.slice(11, 23)} ${coloured} ${oneLine(message)}\x1b[90m${rest.join("")}\x1b[0m`;
}

function parse(members: string): Fields {
  try {
    return JSON.parse(`{${members.slice(1)}}`);
  } catch {
    return { members };
  }
}

function inline(value: unknown): string {
  return oneLine(typeof value === "string" ? value : JSON.stringify(value));
}

/** Without line breaks and control characters: what people send must not forge a line or drive a terminal. */
function oneLine(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
