/**
 * An entity tag that depends on the text alone, so that every isolate gives the same content the same tag. Two
 * multiplicative hashes of 32 bits, mixed to 53 (cyrb53, bryc, public domain): not for secrets. What is
 * hot is tagged once, when it is made, and never per request.
 */
export function contentTag(text: string): string {
  let first = 0xdeadbeef, second = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    first = Math.imul(first ^ unit, 2654435761);
    second = Math.imul(second ^ unit, 1597334677);
  }
  first = Math.imul(first ^ (first >>> 16), 2246822507) ^
    Math.imul(second ^ (second >>> 13), 3266489909);
  second = Math.imul(second ^ (second >>> 16), 2246822507) ^
    Math.imul(first ^ (first >>> 13), 3266489909);
  const value = 4294967296 * (second & 0x1fffff) + (first >>> 0);
  return `"${value.toString(36)}"`;
}
