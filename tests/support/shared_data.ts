const folder = new URL("../../../shared/data/", import.meta.url);

/** Reference data that lies beside the repository on some machines; undefined where it is missing. */
export function readSharedText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(new URL(path, folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Registers a test of reference data, or one that says that it is skipped where the data is missing. */
export function testWithShared<Data>(
  name: string,
  path: string,
  test: (data: Data) => void | Promise<void>,
): void {
  const text = readSharedText(path);
  Deno.test({
    name: text === undefined ? `${name} (skipped: ../shared/data is missing)` : name,
    ignore: text === undefined,
    fn: () => test(JSON.parse(text ?? "null")),
  });
}
