/** A place in a stack: the function, and the file from the repository's root. */
export interface Frame {
  /** Empty for code outside of any named function. */
  name: string;
  file: string;
  /** Line and column, `12:5`; they stand in the sample and not in what names the error. */
  at: string;
  /** Code of this product, as opposed to a package's or the runtime's. */
  own: boolean;
}

// Postgres' driver puts the place of the query behind the place at which its answer was read.
const framesMax = 40;
const line =
  /^\s+at (?:async )?(?:(?:new )?([\w$.<>[\] #-]{1,120}?) \()?([^()\s]+):(\d+):(\d+)\)?$/;
const source =
  /(?:^|\/)((?:lib|services|routes|workers|migrations)\/[\w/]+\.ts|(?:main|deps|release)\.ts)$/;
// A bundle has files of its own, with a hash in their names that changes with every build.
const bundled = /^file:.*\/([\w.]+?)(?:-[A-Z0-9]{8})?\.js$/;
const packaged = /^(?:.*\/node_modules|.*\/npm\/[\w-]+\.[\w.-]+)\/((?:@[\w.-]+\/)?[\w-][\w.-]*)\//;

/**
 * The places of a V8 stack, and nothing else of it: each line is taken apart and put together again, since the lines
 * above the first place are the message, with whatever values are in it.
 */
export function framesOf(stack: string): Frame[] {
  return stack.split("\n").flatMap((text) => {
    const [, name = "", url = "", row = "", column = ""] = line.exec(text) ?? [];
    const file = fileOf(url);
    if (file === undefined) return [];
    return [{ name: functionOf(name), file: file.path, at: `${row}:${column}`, own: file.own }];
  }).slice(0, framesMax);
}

/** `selectPlans (services/plans/store.ts)`. */
export function placeOf({ name, file }: Frame): string {
  return name === "" ? file : `${name} (${file})`;
}

/** With line and column, for whoever looks for it in the sources. */
export function lineOf(frame: Frame): string {
  return frame.name === ""
    ? `${frame.file}:${frame.at}`
    : `${frame.name} (${frame.file}:${frame.at})`;
}

function fileOf(url: string): { path: string; own: boolean } | undefined {
  if (/^(ext|node):[\w/.:-]+$/.test(url)) return { path: url, own: false };
  const isPackage = packaged.exec(url);
  if (isPackage) return { path: `npm:${isPackage[1]}`, own: false };
  const own = source.exec(url)?.[1] ?? bundled.exec(url)?.[1];
  return own === undefined ? undefined : { path: own, own: true };
}

/** A computed method carries the key in its name, which may be anything: only what looks like a name is one. */
function functionOf(name: string): string {
  return /^[A-Za-z_$][\w$.]*(?: \[as \w+\])?$/.test(name) ? name : "";
}
