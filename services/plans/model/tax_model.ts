/**
 * A flat tax model: one rate per kind of money. It is a simplification on purpose, good enough to
 * tell a taxed account from an untaxed one and no advice on any return: there are no brackets,
 * deductions, states, required distributions or contribution limits; dividends, interest and the
 * rebalancing of a taxable account are not taxed until money is withdrawn; withdrawals from hsa and
 * 529 accounts are taken to be for what those accounts are for.
 */
export const flatTaxModel = {
  name: "flat-us",
  version: 1,
  /** On pay, other income and withdrawals from tax-deferred accounts. */
  ordinaryRate: 0.15,
  /** On the gain in a withdrawal from a taxable account, at average cost. */
  gainsRate: 0.15,
  /** Social security and Medicare, on pay. */
  payrollRate: 0.0765,
  /** Share of social security benefits that counts as income. */
  socialSecurityShare: 0.85,
  /** Added to withdrawals from tax-deferred accounts before the age below. */
  earlyRate: 0.1,
  earlyAgeMonths: 59 * 12 + 6,
} as const;

export type FlatTaxModel = typeof flatTaxModel;
