/** The simulation engine. Everything but the hash is pure and stands in `model/mod.ts`. */
export { hashPartial } from "./hash_partial.ts";
