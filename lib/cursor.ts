import { fail } from "./errors.ts";

/** Makes cursors of places in lists, and reads back those that it made. */
export interface CursorSeal {
  /** Opaque text that stands for `place`, good only for what `about` names: whose cursor it is, and of which list. */
  seal(place: string, about: string): string;
  /** What was sealed; undefined for everything that was not sealed here, about this. */
  open(cursor: string, about: string): string | undefined;
}

/** 96 of the code's 256 bits (RFC 2104, section 5): guessing one takes 2^95 requests, and a cursor stays short. */
const tagBytes = 12;
/** No place is longer than the key of a job's run. */
const cursorMax = 400;

/**
 * Seals with `codeOver`, a message authentication code. A cursor hides nothing from who looks hard; it keeps places
 * from being made up, so that a list's order can change without breaking what people have built on it.
 */
export function createCursorSeal(codeOver: (text: string) => Uint8Array): CursorSeal {
  // No part that comes before a line break holds one: paths and ids do not.
  const tagOf = (place: string, about: string) =>
    codeOver(`${about}\n${place}`).subarray(0, tagBytes);

  return {
    seal(place, about) {
      const bytes = new TextEncoder().encode(place);
      const sealed = new Uint8Array(tagBytes + bytes.length);
      sealed.set(tagOf(place, about));
      sealed.set(bytes, tagBytes);
      return toBase64Url(sealed);
    },
    open(cursor, about) {
      const sealed = fromBase64Url(cursor);
      if (sealed === undefined || sealed.length < tagBytes) return undefined;
      const place = new TextDecoder().decode(sealed.subarray(tagBytes));
      return isEqual(sealed.subarray(0, tagBytes), tagOf(place, about)) ? place : undefined;
    },
  };
}

/** `invalid_request` that names the parameter in which a cursor came that is none of ours. */
export function refuseCursor(path = "cursor"): never {
  return fail("invalid_request", { errors: [{ path, message: "is not a cursor of this list" }] });
}

/** In a time that does not tell how much of it is right. */
function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at++) difference |= (one[at] ?? 0) ^ (other[at] ?? 0);
  return difference === 0;
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Undefined also for a second spelling of the same bytes: one cursor is one text. */
function fromBase64Url(text: string): Uint8Array | undefined {
  if (text.length > cursorMax || !/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  return toBase64Url(bytes) === text ? bytes : undefined;
}
