export { announceRevocations } from "./announce_revocations.ts";
export { createApiKey } from "./create_api_key.ts";
export { createKeyRing, type KeyRingOptions } from "./create_key_ring.ts";
export { deleteEndedSessions } from "./delete_ended_sessions.ts";
export { deleteOldApiKeys } from "./delete_old_api_keys.ts";
export { type Contact, findContact } from "./find_contact.ts";
export { getApiKey } from "./get_api_key.ts";
export { getMe } from "./get_me.ts";
export { listApiKeys } from "./list_api_keys.ts";
export { logIn } from "./log_in.ts";
export { logOut } from "./log_out.ts";
export { logOutEverywhere } from "./log_out_everywhere.ts";
export { personExists } from "./person_exists.ts";
export { refreshTokens } from "./refresh_tokens.ts";
export { registerPerson } from "./register_person.ts";
export { revokeApiKey } from "./revoke_api_key.ts";
export { rotateSigningKeys } from "./rotate_signing_keys.ts";
export {
  ApiKey,
  ApiKeyInput,
  Device,
  type KeyRing,
  KeySet,
  LogInInput,
  NewApiKey,
  RefreshInput,
  Registered,
  RegisterInput,
  Tokens,
  User,
} from "./schema.ts";
export { verifyAccessToken } from "./verify_access_token.ts";
