/** Park and Miller's generator, 0..1: what a test draws is the same in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed % 2_147_483_647;
  return () => {
    state = state * 48_271 % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** In an order that the seed decides. */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}
