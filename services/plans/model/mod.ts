/** Plans as mathematics: pure and synchronous. */
export {
  type AssetClass,
  assetClasses,
  type ByClass,
  type CapitalMarketAssumptions,
  findAssumptions,
  type PortfolioModel,
  portfolioModels,
  type RegimeAssumption,
  shippedAssumptions,
} from "./assumptions.ts";
export { compilePlan } from "./compile_plan.ts";
export { type CompletePlan, completePlan, defaultOrder } from "./complete_plan.ts";
export { type PlanIssue, planIssues } from "./plan_issues.ts";
export { type PlanRow, rowsOf } from "./plan_calendar.ts";
export { money, resultOf } from "./result.ts";
export { showInputs } from "./show_inputs.ts";
export { type FlatTaxModel, flatTaxModel } from "./tax_model.ts";
export { type UnsupportedInput, unsupportedInputs } from "./unsupported_inputs.ts";
