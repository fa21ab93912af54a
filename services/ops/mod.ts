export { checkDependencies } from "./check_dependencies.ts";
export { readMetrics } from "./read_metrics.ts";
export { Readiness } from "./schema.ts";
