export { type DescribedError, describeError } from "./describe_error.ts";
export { plain, scrub } from "./scrub.ts";
