/** Whole numbers as bytes: seven bits a byte, the lowest first, the eighth bit saying "more". */

export interface ByteWriter {
  /** A whole number from 0 to 2^53 - 1. */
  count(value: number): void;
  /** A whole number of any size and sign. */
  big(value: bigint): void;
  /** A double, eight bytes, big-endian. */
  double(value: number): void;
  text(value: string): void;
  bytes(): Uint8Array<ArrayBuffer>;
}

export interface ByteReader {
  count(): number;
  big(): bigint;
  double(): number;
  text(): string;
  /** Throws unless all bytes have been read. */
  end(): void;
}

export function createByteWriter(): ByteWriter {
  let buffer = new Uint8Array(4096);
  let length = 0;

  function byte(value: number): void {
    if (length === buffer.length) {
      const larger = new Uint8Array(buffer.length * 2);
      larger.set(buffer);
      buffer = larger;
    }
    buffer[length++] = value;
  }

  function count(value: number): void {
    let rest = value;
    while (rest >= 128) {
      byte(rest % 128 + 128);
      rest = Math.floor(rest / 128);
    }
    byte(rest);
  }

  function big(value: bigint): void {
    // Zigzag: 0, -1, 1, -2, … become 0, 1, 2, 3, …
    let rest = value < 0n ? -value * 2n - 1n : value * 2n;
    while (rest >= 128n) {
      byte(Number(rest % 128n) + 128);
      rest /= 128n;
    }
    byte(Number(rest));
  }

  function double(value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    for (let index = 0; index < 8; index++) byte(view.getUint8(index));
  }

  function text(value: string): void {
    const encoded = new TextEncoder().encode(value);
    count(encoded.length);
    encoded.forEach(byte);
  }

  return { count, big, double, text, bytes: () => buffer.slice(0, length) };
}

/** Every read throws a RangeError where the bytes end too early. */
export function createByteReader(bytes: Uint8Array): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 0;
  const byte = () => view.getUint8(position++);

  function count(): number {
    let value = 0, weight = 1, next = byte();
    while (next >= 128) {
      value += (next - 128) * weight;
      weight *= 128;
      next = byte();
    }
    value += next * weight;
    if (!Number.isSafeInteger(value)) throw new RangeError("a count is too large");
    return value;
  }

  function big(): bigint {
    let value = 0n, shift = 0n, next = byte();
    while (next >= 128) {
      value += BigInt(next - 128) << shift;
      shift += 7n;
      next = byte();
    }
    value += BigInt(next) << shift;
    return value % 2n === 0n ? value / 2n : -(value + 1n) / 2n;
  }

  function double(): number {
    position += 8;
    return view.getFloat64(position - 8);
  }

  function text(): string {
    const length = count();
    if (length > bytes.length - position) throw new RangeError("a text is cut short");
    position += length;
    return new TextDecoder().decode(bytes.subarray(position - length, position));
  }

  function end(): void {
    if (position !== bytes.length) throw new RangeError("there are bytes left over");
  }

  return { count, big, double, text, end };
}
