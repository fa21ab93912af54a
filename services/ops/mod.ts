export { checkDependencies } from "./check_dependencies.ts";
export { Readiness } from "./schema.ts";
