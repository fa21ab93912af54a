/** Cryptographically strong bytes. Handed on through the context; simulations have their own seeded streams. */
export type RandomBytes = (sizeBytes: number) => Uint8Array<ArrayBuffer>;

export const systemRandom: RandomBytes = (sizeBytes) =>
  crypto.getRandomValues(new Uint8Array(sizeBytes));
