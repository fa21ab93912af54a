const known = new Map<string, boolean>();
/** The list has some six hundred names, with the old ones; whoever makes up others must not fill the memory. */
const knownMax = 2_000;

/**
 * Whether a name is one of the IANA list, `Europe/Berlin` or `UTC`. Offsets such as +01:00 are taken by `Intl` as well,
 * but know no daylight-saving time. Remembered, since to ask `Intl` takes longer than to check all the rest of a body.
 */
export function isTimeZone(name: string): boolean {
  if (!/^(UTC|[A-Z][A-Za-z_]*(\/[A-Za-z0-9_+-]+){1,2})$/.test(name)) return false;
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  const isOne = isKnownToIntl(name);
  if (known.size < knownMax) known.set(name, isOne);
  return isOne;
}

function isKnownToIntl(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
