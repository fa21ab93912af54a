import type { Reply } from "./backend.ts";

const decoder = new TextDecoder();
const carriageReturn = 13;

/** Takes the bytes of a RESP2 stream in pieces of any size and returns the replies each piece completes. */
export function createReplyReader(): (chunk: Uint8Array) => Reply[] {
  const input: Input = { bytes: new Uint8Array(0), offset: 0 };
  let parsing = readReply(input);
  return (chunk) => {
    append(input, chunk);
    const replies: Reply[] = [];
    // A parser that lacks bytes is suspended where it stands, so no reply is ever read twice.
    for (let step = parsing.next(); step.done; step = parsing.next()) {
      replies.push(step.value);
      parsing = readReply(input);
    }
    return replies;
  };
}

interface Input {
  bytes: Uint8Array;
  offset: number;
}

/** Yields whenever it needs more bytes than there are. */
type Parser<T> = Generator<undefined, T>;

function* readReply(input: Input): Parser<Reply> {
  const line = yield* readLine(input);
  const rest = line.slice(1);
  switch (line[0]) {
    case "+":
      return rest;
    case "-":
      return { error: rest };
    case ":":
      return readInteger(rest);
    case "$":
      return rest === "-1" ? null : yield* readBulk(input, Number(rest));
    case "*":
      return rest === "-1" ? null : yield* readArray(input, Number(rest));
    default:
      throw new Error(`Redis sent a reply that is not RESP2: ${JSON.stringify(line.slice(0, 20))}`);
  }
}

function* readArray(input: Input, length: number): Parser<Reply> {
  const items: Reply[] = [];
  while (items.length < length) items.push(yield* readReply(input));
  return items;
}

function* readBulk(input: Input, sizeBytes: number): Parser<Uint8Array> {
  while (input.bytes.length < input.offset + sizeBytes + 2) yield;
  const bulk = input.bytes.slice(input.offset, input.offset + sizeBytes);
  input.offset += sizeBytes + 2;
  return bulk;
}

function* readLine(input: Input): Parser<string> {
  let end = input.bytes.indexOf(carriageReturn, input.offset);
  while (end < 0 || end + 1 >= input.bytes.length) {
    yield;
    end = input.bytes.indexOf(carriageReturn, input.offset);
  }
  const line = decoder.decode(input.bytes.subarray(input.offset, end));
  input.offset = end + 2;
  return line;
}

function readInteger(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

function append(input: Input, chunk: Uint8Array) {
  const rest = input.bytes.subarray(input.offset);
  input.offset = 0;
  if (rest.length === 0) return void (input.bytes = chunk);
  input.bytes = new Uint8Array(rest.length + chunk.length);
  input.bytes.set(rest);
  input.bytes.set(chunk, rest.length);
}
