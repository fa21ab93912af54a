import type postgres from "postgres";

/**
 * Arrays by the numbers that Postgres gives their types for good (pg_type.dat). The driver would ask for them on each
 * new connection, with a query that nobody watches: a connection that is lost meanwhile ends the whole process.
 */
const arrayTypes: Record<string, { number: number; parse(text: string): unknown }> = {
  bool: { number: 1000, parse: (text) => text === "t" },
  bytea: { number: 1001, parse: (text) => Uint8Array.fromHex(text.slice(2)) },
  int2: { number: 1005, parse: Number },
  int4: { number: 1007, parse: Number },
  text: { number: 1009, parse: (text) => text },
  varchar: { number: 1015, parse: (text) => text },
  int8: { number: 1016, parse: (text) => text },
  float8: { number: 1022, parse: Number },
  date: { number: 1182, parse: (text) => new Date(text) },
  timestamptz: { number: 1185, parse: (text) => new Date(text) },
  numeric: { number: 1231, parse: (text) => text },
  uuid: { number: 2951, parse: (text) => text },
};

/** For the driver's option `types`. */
export function arrayTypesOf(): Record<string, postgres.PostgresType> {
  return Object.fromEntries(
    Object.entries(arrayTypes).map(([name, { number, parse }]) => [`${name}_array`, {
      to: number,
      from: [number],
      serialize: printArray,
      parse: (text: string) => parseArray(text, parse),
    }]),
  );
}

/** The text form of an array of one dimension: every element quoted, so that none is taken for a word of the syntax. */
export function printArray(values: unknown): unknown {
  if (!Array.isArray(values)) return values;
  return `{${values.map(printElement).join(",")}}`;
}

function printElement(value: unknown): string {
  if (value === null) return "NULL";
  const hasText = value instanceof Date || value instanceof Uint8Array;
  if (value === undefined || (typeof value === "object" && !hasText)) {
    throw new TypeError("not an element of an array");
  }
  return `"${textOf(value).replaceAll(/[\\"]/g, "\\$&")}"`;
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${value.toHex()}`;
  return String(value);
}

const element = /"((?:[^"\\]|\\.)*)"|([^,{}"]+)/gs;

/** Reads the text form of an array of one dimension. */
export function parseArray<T>(text: string, parse: (text: string) => T): (T | null)[] {
  // Anything else has more dimensions, or begins to count elsewhere.
  if (!/^\{(?!\{)/.test(text)) throw new TypeError("not an array of one dimension");
  return [...text.matchAll(element)].map(([, quoted, plain = ""]) => {
    if (quoted !== undefined) return parse(quoted.replaceAll(/\\(.)/gs, "$1"));
    return plain === "NULL" ? null : parse(plain);
  });
}
