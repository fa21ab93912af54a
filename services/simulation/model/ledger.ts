/** The accounts of one path: balances, what they cost, and what tax and fees take from them. */
import {
  flowAt,
  type MonthlyFlow,
  monthlyFlow,
  type PlanProgram,
  type ProgramAccount,
} from "./program.ts";

// Far above any money; keeps balances finite where a model compounds absurdly.
const balanceLimit = 1e100;

interface LedgerAccount {
  opening: number;
  openingBasis: number;
  invested: boolean;
  deposits: MonthlyFlow;
  withdrawalTax: Float64Array;
  gainsTax: number;
}

/** Accounts stand in the order in which they are drawn. Tax and fees add up until they are taken. */
export interface Ledger {
  readonly accounts: readonly LedgerAccount[];
  readonly balances: Float64Array;
  readonly bases: Float64Array;
  readonly monthlyFee: number;
  tax: number;
  fees: number;
}

export function createLedger(program: PlanProgram): Ledger {
  const accounts = program.accounts.map((account) => compileAccount(account, program.months));
  return {
    accounts,
    balances: new Float64Array(accounts.length),
    bases: new Float64Array(accounts.length),
    monthlyFee: program.monthlyFee,
    tax: 0,
    fees: 0,
  };
}

/** Back to the opening balances, for the next path. */
export function beginLedger(ledger: Ledger): void {
  ledger.accounts.forEach((account, index) => {
    ledger.balances[index] = account.opening;
    ledger.bases[index] = account.openingBasis;
  });
  ledger.tax = 0;
  ledger.fees = 0;
}

/** Sum of all balances, before any tax on withdrawal. */
export function wealthOf({ balances }: Ledger): number {
  let total = 0;
  for (let account = 0; account < balances.length; account++) total += balances[account]!;
  return total;
}

/** Pays the month's contributions in, at price level `index`. */
export function contribute(ledger: Ledger, month: number, index: number): void {
  for (let account = 0; account < ledger.accounts.length; account++) {
    const amount = flowAt(ledger.accounts[account]!.deposits, month, index);
    if (amount !== 0) deposit(ledger, account, amount);
  }
}

export function deposit(ledger: Ledger, account: number, amount: number): void {
  ledger.balances[account] = ledger.balances[account]! + amount;
  ledger.bases[account] = ledger.bases[account]! + amount;
}

/** Draws until `needed` has arrived after tax; returns what could not be had, 0 being exact. */
export function drawNet(ledger: Ledger, needed: number, month: number): number {
  let rest = needed;
  for (let account = 0; account < ledger.accounts.length && rest > 0; account++) {
    const balance = ledger.balances[account]!;
    if (balance === 0) continue;
    const kept = keptShare(ledger, account, month);
    const enough = balance * kept >= rest;
    withdraw(ledger, account, enough ? rest / kept : balance, kept);
    rest = enough ? 0 : rest - balance * kept;
  }
  return rest;
}

/** Draws `amount` before tax, or all there is; returns what arrives after tax. */
export function drawGross(ledger: Ledger, amount: number, month: number): number {
  let rest = amount, received = 0;
  for (let account = 0; account < ledger.accounts.length && rest > 0; account++) {
    const taken = Math.min(rest, ledger.balances[account]!);
    if (taken === 0) continue;
    const kept = keptShare(ledger, account, month);
    withdraw(ledger, account, taken, kept);
    received += taken * kept;
    rest -= taken;
  }
  return received;
}

/** A month of growth, then the fee on what is invested. */
export function growLedger(ledger: Ledger, portfolio: number, cash: number): void {
  for (let account = 0; account < ledger.accounts.length; account++) {
    const { invested } = ledger.accounts[account]!;
    const factor = invested ? portfolio : cash;
    const grown = Math.min(ledger.balances[account]! * factor, balanceLimit);
    const fee = invested ? grown * ledger.monthlyFee : 0;
    ledger.fees += fee;
    ledger.balances[account] = grown - fee;
  }
}

/** Share of one unit withdrawn that reaches the household; a loss earns no credit. */
function keptShare(ledger: Ledger, account: number, month: number): number {
  const { withdrawalTax, gainsTax } = ledger.accounts[account]!;
  const gain = Math.max(0, 1 - ledger.bases[account]! / ledger.balances[account]!);
  return 1 - withdrawalTax[month]! - gainsTax * gain;
}

/** Takes `amount` out, and the same share of the basis (average cost). */
function withdraw(ledger: Ledger, account: number, amount: number, kept: number): void {
  const balance = ledger.balances[account]!;
  const left = Math.max(0, balance - amount);
  ledger.balances[account] = left;
  ledger.bases[account] = ledger.bases[account]! * (left / balance);
  ledger.tax += amount * (1 - kept);
}

function compileAccount(account: ProgramAccount, months: number): LedgerAccount {
  const withdrawalTax = new Float64Array(months);
  withdrawalTax.set(account.withdrawalTax.slice(0, months));
  return {
    opening: account.opening,
    openingBasis: account.openingBasis,
    invested: account.earns === "portfolio",
    deposits: monthlyFlow(account.deposits, months),
    withdrawalTax,
    gainsTax: account.gainsTax,
  };
}
