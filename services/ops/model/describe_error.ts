import { type Frame, framesOf, lineOf, placeOf } from "./frames.ts";
import { plain, scrub } from "./scrub.ts";

/** What is kept of an error: what it is and where it came from, and no value of anybody's. */
export interface DescribedError {
  /** Equal for the same error at the same place, also after an edit nearby. 16 hexadecimal digits. */
  fingerprint: string;
  name: string;
  code: string | null;
  /** The message without its values. */
  template: string;
  /** The innermost place in our own code. */
  place: string;
  /** The innermost places, with lines. */
  stack: string[];
}

const ownFramesMax = 2;
const foreignFramesMax = 3;
const stackMax = 12;

/** Describes whatever was thrown. Reads its name, code, message and stack, and none of its other fields. */
export function describeError(thrown: unknown): DescribedError {
  const { name, code, message, stack } = partsOf(thrown);
  const frames = framesOf(stack);
  const template = scrub(message);
  const places = tellingFrames(frames).map(placeOf);
  return {
    fingerprint: hash([name, code ?? "", template, ...places].join("\n")),
    name,
    code,
    template,
    place: places[0] ?? "unknown",
    stack: frames.filter(({ own }, index) => own || index < foreignFramesMax)
      .slice(0, stackMax).map(lineOf),
  };
}

/** What everybody's errors come through: `lib`, and what stands above all domains. */
const passage = /^lib\/|^services\/\w+\.ts$/;

/** Our own code, without passages where there is other. */
function tellingFrames(frames: Frame[]): Frame[] {
  const own = frames.filter((frame) => frame.own);
  const domains = own.filter(({ file }) => !passage.test(file));
  const telling = [domains, own, frames.slice(0, 1)].find(({ length }) => length > 0) ?? [];
  return telling.slice(0, ownFramesMax);
}

function partsOf(thrown: unknown) {
  if (!(thrown instanceof Error)) {
    return { name: `thrown ${typeof thrown}`, code: null, message: "", stack: "" };
  }
  const { code } = thrown as { code?: unknown };
  return {
    name: /^\w{1,80}$/.test(thrown.name) ? thrown.name : "Error",
    code: /^[\w.-]{1,40}$/.test(String(code ?? "")) ? plain(String(code), 40) : null,
    message: String(thrown.message),
    stack: String(thrown.stack ?? ""),
  };
}

/** FNV-1a of 64 bits (RFC 9923) over UTF-16 code units. It tells errors apart and keeps nothing secret. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (let at = 0; at < text.length; at++) {
    value = BigInt.asUintN(64, (value ^ BigInt(text.charCodeAt(at))) * 0x100000001b3n);
  }
  return value.toString(16).padStart(16, "0");
}
