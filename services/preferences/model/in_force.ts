import { fieldRanks, inFieldOrder } from "../../../lib/field_order.ts";
import type { Preferences, PreferencesInput } from "../schema.ts";
import { type Channel, channels, type MessageType, messageTypes } from "./vocabulary.ts";

/** Messages that a person cannot be left without: at least one channel must carry them. */
const requiredTypes: MessageType[] = ["security_alert", "verification_code"];

const quietByDefault = new Set<Channel>(["sms", "webhook"]);
const onlyOnDemand = new Set<MessageType>(["digest"]);

/** Whether a type goes over a channel where the person has not said anything. */
function defaultOf(channel: Channel, type: MessageType): boolean {
  if (requiredTypes.includes(type)) return channel !== "webhook";
  return !quietByDefault.has(channel) && !onlyOnDemand.has(type);
}

/** The account's own address, used until the person names another. */
export interface AccountAddress {
  email: string;
  emailVerified: boolean;
}

const ranks = fieldRanks(["mode", "at", "day", "start", "end", "timeZone", "days"]);

/** What is in force: the person's own word over the defaults, for every channel and type. */
export function inForce(
  version: number,
  input: PreferencesInput,
  account: AccountAddress,
): Preferences {
  const row = (channel: Channel) =>
    Object.fromEntries(messageTypes.map((type) => [
      type,
      input.channels[channel]?.[type] ?? defaultOf(channel, type),
    ])) as Record<MessageType, boolean>;
  return {
    version,
    channels: Object.fromEntries(
      channels.map((channel) => [channel, row(channel)]),
    ) as Preferences["channels"],
    quietHours: inFieldOrder(input.quietHours, ranks),
    digest: inFieldOrder(input.digest, ranks),
    locale: input.locale,
    addresses: addressesOf(input, account),
  };
}

/** The required types that would reach the person nowhere. */
export function unreachableTypes({ channels: matrix }: Preferences): MessageType[] {
  return requiredTypes.filter((type) => channels.every((channel) => !matrix[channel][type]));
}

/**
 * Where mails go. An address that the person has named counts once it is known to be theirs; until then it is the
 * account's, or anybody could have our mails sent to a stranger, and warnings sent past their owner.
 */
export function mailAddress({ addresses }: Preferences, account: AccountAddress): string {
  return addresses.email?.verified ? addresses.email.address : account.email;
}

function addressesOf(input: PreferencesInput, account: AccountAddress): Preferences["addresses"] {
  const own = input.addresses.email;
  const sameAsAccount = own === undefined || own.toLowerCase() === account.email.toLowerCase();
  return {
    email: sameAsAccount
      ? { address: account.email, verified: account.emailVerified }
      : { address: own, verified: false },
    ...(input.addresses.sms ? { sms: { address: input.addresses.sms, verified: false } } : {}),
  };
}
