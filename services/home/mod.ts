export { getHome } from "./get_home.ts";
export { Home } from "./schema.ts";
