/**
 * RFC 7396, section 2: what the patch names replaces, null takes away, objects are merged. Every name is only a name:
 * `__proto__` becomes a field of the result's own, which a strict schema then refuses, and `constructor` finds nothing
 * that the target has not been given. Neither argument is changed.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  // A map has no inherited entries to be read, and `fromEntries` defines fields without running a setter.
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
