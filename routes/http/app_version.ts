import { fail } from "../../lib/errors.ts";

/** The least version that is served where a user agent names an older one of our apps; undefined for all others. */
export type AppVersionCheck = (userAgent: string) => string | undefined;

/** One product of RFC 9110's User-Agent. What a pre-release adds behind its number makes no difference. */
const product = /(?:^|\s)almanac-([a-z][a-z0-9]*)\/(\d{1,9}(?:\.\d{1,9}){0,3})(?![\d.])/i;

/** People of one version send one text: remembered, it costs a tenth of reading it. A flood of others is forgotten. */
const judgedMax = 1_000;

/**
 * Compiles `ios:1.4,android:2.0`, as the setting has been read. Undefined where nothing is asked for, so that nothing is
 * looked at. An app that names no version, or another platform, is let through: that it is old is not known.
 */
export function appVersionCheck(minimums: readonly string[]): AppVersionCheck | undefined {
  if (minimums.length === 0) return undefined;
  const byPlatform = new Map(minimums.map((entry) => {
    const [platform = "", version = ""] = entry.split(":");
    return [platform, { version, parts: partsOf(version) }];
  }));
  const judge = (userAgent: string) => {
    const [, platform = "", version = ""] = product.exec(userAgent) ?? [];
    const minimum = byPlatform.get(platform.toLowerCase());
    if (minimum === undefined || !isBelow(partsOf(version), minimum.parts)) return undefined;
    return minimum.version;
  };
  const judged = new Map<string, string | undefined>();
  return (userAgent) => {
    // Nearly nobody else's user agent gets further than this.
    if (!userAgent.includes("lmanac-")) return undefined;
    if (judged.has(userAgent)) return judged.get(userAgent);
    if (judged.size >= judgedMax) judged.clear();
    const minimum = judge(userAgent);
    judged.set(userAgent, minimum);
    return minimum;
  };
}

/** `app_too_old`, with the version to update to in words and in the `Upgrade` header that RFC 9110, 15.5.22 asks for. */
export function refuseOldApp(minimum: string): never {
  return fail("app_too_old", {
    detail: `Update the app to version ${minimum} or newer.`,
    upgrade: `almanac/${minimum}`,
  });
}

function partsOf(version: string): number[] {
  return version.split(".").map(Number);
}

/** 1.10 is above 1.9, and 2 is 2.0. */
function isBelow(parts: number[], least: number[]): boolean {
  const length = Math.max(parts.length, least.length);
  for (let at = 0; at < length; at++) {
    const [part = 0, wanted = 0] = [parts[at], least[at]];
    if (part !== wanted) return part < wanted;
  }
  return false;
}
