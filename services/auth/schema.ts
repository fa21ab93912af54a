import type { JWK } from "jose";
import * as z from "zod";
import type { CursorSeal } from "../../lib/cursor.ts";
import { Instant } from "../../lib/instant.ts";
import { isTimeZone } from "../../lib/time_zone.ts";
import type { Person } from "../ctx.ts";
import { permissionNames, roleNames } from "./model/roles.ts";
import type { TokenCache } from "./model/token_cache.ts";
import type { SealedKey } from "./signing.ts";
import type { Tries } from "./tries.ts";

// Bounds the work before it begins; the rules of passwords count characters.
const passwordUnitsMax = 1_024;

const Email = z.email().max(254).meta({ example: "ada@example.com" });
const Password = z.string().min(1).max(passwordUnitsMax).meta({
  description:
    "8 to 128 characters of any script. Common ones, and ones close to the name or the address, are refused.",
  example: "correct horse battery staple",
});
const Name = z.string().trim().min(1).max(100)
  .regex(/^[^\p{Cc}\u2028\u2029]+$/u, "must be one line of text");
const PersonName = Name.meta({ example: "Ada Lovelace" });
const TimeZone = z.string().max(64).refine(isTimeZone, "is not a time zone of the IANA list").meta({
  example: "America/New_York",
});
const DeviceText = z.string().max(100).optional();

export const RegisterInput = z.strictObject({
  email: Email,
  password: Password,
  name: PersonName,
  timeZone: TimeZone.optional(),
}).meta({ id: "RegisterInput" });
export type RegisterInput = z.infer<typeof RegisterInput>;

/** What a client tells of itself at sign-in. Kept with the session, so that a person recognises it in a list. */
export const Device = z.strictObject({
  id: DeviceText,
  platform: DeviceText,
  model: DeviceText,
  os: DeviceText,
  appVersion: DeviceText,
  screen: DeviceText,
  timeZone: DeviceText,
  language: DeviceText,
}).meta({ id: "Device", example: { platform: "ios", model: "iPhone 17", appVersion: "3.2.0" } });
export type Device = z.infer<typeof Device>;

export const LogInInput = z.strictObject({
  email: Email,
  password: z.string().min(1).max(passwordUnitsMax),
  device: Device.optional(),
}).meta({ id: "LogInInput" });
export type LogInInput = z.infer<typeof LogInInput>;

export const RefreshInput = z.strictObject({ refreshToken: z.string().min(1).max(512) })
  .meta({ id: "RefreshInput" });
export type RefreshInput = z.infer<typeof RefreshInput>;

export const User = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string(),
  role: z.enum(roleNames),
  permissions: z.array(z.string()).meta({ description: "Everything that the person may do." }),
  emailVerified: z.boolean(),
  timeZone: z.string(),
  locale: z.string(),
  createdAt: z.iso.datetime(),
}).meta({
  id: "User",
  example: {
    id: "019aa1b2-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
    email: "ada@example.com",
    name: "Ada Lovelace",
    role: "client",
    permissions: ["quotes:read", "alerts:write"],
    emailVerified: true,
    timeZone: "America/New_York",
    locale: "en-US",
    createdAt: "2026-01-31T09:30:00.000Z",
  },
});
export type User = z.infer<typeof User>;

export const Registered = z.object({ user: User }).meta({ id: "Registered" });

export const Tokens = z.object({
  accessToken: z.string().meta({ description: "A JWT, to be sent as `Authorization: Bearer …`." }),
  refreshToken: z.string().meta({ description: "Good for one refresh, within 30 days." }),
  tokenType: z.literal("Bearer"),
  expiresIn: z.int().meta({ description: "Seconds until the access token expires." }),
  user: User,
}).meta({ id: "Tokens" });
export type Tokens = z.infer<typeof Tokens>;

export const KeySet = z.object({
  keys: z.array(
    z.looseObject({ kid: z.string(), kty: z.string(), alg: z.string(), use: z.string() }),
  ),
}).meta({ id: "KeySet" });

const Scopes = z.array(z.enum(permissionNames)).min(1).max(permissionNames.length)
  .refine((names) => new Set(names).size === names.length, "must not repeat itself");

export const ApiKeyInput = z.strictObject({
  name: Name,
  scopes: Scopes.meta({ description: "What the key may do: permissions that you have yourself." }),
  expiresInDays: z.int().min(1).max(365).optional().meta({
    description: "90 where neither this nor expiresAt is given.",
  }),
  expiresAt: Instant.optional(),
}).refine(
  ({ expiresAt, expiresInDays }) => expiresAt === undefined || expiresInDays === undefined,
  {
    path: ["expiresAt"],
    message: "cannot stand beside expiresInDays",
  },
).meta({
  id: "ApiKeyInput",
  example: { name: "nightly report", scopes: ["plans:read", "quotes:read"], expiresInDays: 30 },
});
export type ApiKeyInput = z.infer<typeof ApiKeyInput>;

export const ApiKey = z.object({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string().meta({ description: "How the key begins, to tell it from others." }),
  scopes: z.array(z.string()),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable().meta({ description: "To the minute or two." }),
  revokedAt: z.iso.datetime().nullable(),
}).meta({ id: "ApiKey" });
export type ApiKey = z.infer<typeof ApiKey>;

export const NewApiKey = ApiKey.extend({
  key: z.string().meta({ description: "The key itself. Nobody can show it again." }),
}).meta({ id: "NewApiKey" });
export type NewApiKey = z.infer<typeof NewApiKey>;

/** What one process holds for signing people in: keys, what it knows of tokens, and the queue for passwords. */
export interface KeyRing {
  /** The key to sign with, and its id for the header. Made at first need. */
  current(): Promise<SigningKey>;
  /** The public key of that id; undefined where nobody knows it. Cached; a flood of unknown ids causes one load. */
  publicKey(id: string): Promise<CryptoKey | undefined>;
  /** RFC 7517: next, current and previous. */
  published(): Promise<{ keys: PublicJwk[] }>;
  /** Makes the keys that are missing, so that nobody waits for them later. */
  prepare(): Promise<void>;
  /** Reads the keys again, past memory and Redis. */
  reload(): Promise<void>;
  /** Makes a key pair, sealed as it is stored, for a rotation. */
  makeNext(): Promise<SealedKey>;
  /** The 256-bit code over the head of a refresh token. */
  codeOver(head: Uint8Array): Promise<Uint8Array>;
  /** Seals the places of lists into cursors. */
  cursors(): Promise<CursorSeal>;
  tokens: TokenCache<CheckedToken>;
  revocations: Revocations;
  passwords(): Promise<PasswordHasher>;
  keyUses: KeyUses;
  tries(): Promise<Tries>;
  /** Waits for what still runs in the background. */
  close(): Promise<void>;
}

export interface SigningKey {
  id: string;
  privateKey: CryptoKey;
}

/** A public key as it is published: with `kid`, `alg` and `use`. */
export type PublicJwk = JWK & { kid: string; kty: string; alg: string; use: string };

/** What an access token or an API key was found to say. */
export interface CheckedToken {
  person: Person;
  tokenId: string;
}

/** Which API keys were used lately, on its way to the database. */
export interface KeyUses {
  note(id: string): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

/** The sessions, tokens and API keys that must no longer be let in although their access tokens have not expired. */
export interface Revocations {
  has(id: string): boolean;
  /**
   * Reads what others have revoked, in the background and twice a second at most. A promise only where what is known
   * is more than a second old, which is when a process starts or has been idle.
   */
  catchUp(): Promise<void> | undefined;
  /** Tells every process. False where Redis did not take it: then it has to be told again. */
  announce(ids: string[]): Promise<boolean>;
  close(): Promise<void>;
}

export interface PasswordHasher {
  /** A PHC string with a fresh salt. `sign_in_busy` where too many wait already, as with `matches`. */
  hash(password: string): Promise<string>;
  matches(password: string, phc: string): Promise<boolean>;
  /** Whether a hash should be made anew because the cost has changed. */
  isOutdated(phc: string): boolean;
  /** A hash that no password matches, at the cost of a real one. */
  decoy: string;
}
