type Mask = (value: string) => string;

/**
 * A value that belongs to a person. Wherever it is logged, joined into a string or made into JSON it prints masked,
 * and always the same way, so that two lines about one address can be told from lines about two.
 */
export class Personal {
  readonly #value: string;
  readonly #mask: Mask;

  constructor(value: string, mask: Mask) {
    this.#value = value;
    this.#mask = mask;
  }

  /** The value itself. Called where it is used, never where it is carried. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return this.#mask(this.#value);
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/** Prints as `m…l@demo.com`. */
export function personalEmail(address: string): Personal {
  return new Personal(address, maskEmail);
}

/** Prints as `…67`. */
export function personalPhone(number: string): Personal {
  return new Personal(number, (value) => value.length < 8 ? "***" : `…${value.slice(-2)}`);
}

/** Prints as `***`: initials would be a name to whoever knows the person. */
export function personalName(name: string): Personal {
  return new Personal(name, () => "***");
}

function maskEmail(address: string): string {
  const at = address.lastIndexOf("@");
  if (at < 1) return "***";
  const [first = "", ...rest] = address.slice(0, at);
  // Of a short one, the ends would be all of it.
  const last = rest.length < 3 ? "" : rest.at(-1);
  return `${first}…${last}${address.slice(at)}`;
}
