import type { Needs } from "../ctx.ts";
import { resembling } from "./model/mod.ts";

const suggestionsMax = 3;

/** A sentence with what was probably meant, or undefined where nothing that we know comes close. */
export async function suggestSymbols(
  ctx: Needs<"vendors">,
  symbol: string,
): Promise<string | undefined> {
  const providers = await ctx.vendors.quotes();
  const known = providers.flatMap((provider) => provider.symbols?.() ?? []);
  const close = resembling(symbol, known, suggestionsMax);
  return close.length === 0 ? undefined : `Did you mean ${close.join(" or ")}?`;
}
