const ownIdPattern = /^[A-Za-z0-9._-]{8,64}$/;
// Ids of one process share a random stem and count up: a random id per request would cost more than the router.
const stem = crypto.getRandomValues(new Uint8Array(6)).reduce(
  (text, byte) => text + byte.toString(16).padStart(2, "0"),
  "",
);
let count = 0;

/** The caller's own id where it is harmless, or else one of ours. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get("x-request-id");
  if (given !== null && ownIdPattern.test(given)) return given;
  return `${stem}-${(++count).toString(36)}`;
}
