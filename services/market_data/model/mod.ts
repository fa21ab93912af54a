/** Arithmetic of prices: pure, synchronous. */
export {
  type Adjustable,
  adjustBars,
  type Adjustment,
  type CorporateAction,
} from "./adjust_bars.ts";
export { priceChange, withCents } from "./price_change.ts";
export { resembling } from "./resembling.ts";
export { hasEnded } from "./trading_day.ts";
