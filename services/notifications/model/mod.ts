export { decide, type Decision, type Situation } from "./decide.ts";
export { canMove } from "./life.ts";
export { nextTryMs, triesMax, unknownRestMs } from "./retry.ts";
