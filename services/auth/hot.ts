/** What every request needs of signing in, and nothing that is heavy to load: the door for the front of the house. */
export { createKeyRing } from "./create_key_ring.ts";
export { verifyAccessToken } from "./verify_access_token.ts";
