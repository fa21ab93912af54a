import type { Receiver } from "@upstash/qstash";
import type { Secret } from "../../../../lib/secret.ts";

export interface SigningKeys {
  current: Secret;
  next: Secret;
}

/** True where QStash signed exactly these bytes for exactly this address, with the current key or the next. */
export type VerifyDelivery = (signature: string, body: string, url: string) => Promise<boolean>;

export function createVerifier(keys: SigningKeys): VerifyDelivery {
  let receiver: Promise<Receiver> | undefined;
  const load = () =>
    receiver ??= import("@upstash/qstash").then(({ Receiver }) =>
      new Receiver({
        currentSigningKey: keys.current.reveal(),
        nextSigningKey: keys.next.reveal(),
        // With dev mode the SDK accepts a signing key that everybody knows, whatever keys are configured.
        devMode: false,
      })
    );
  return async (signature, body, url) => {
    const loaded = await load();
    // Without `url` the SDK takes a token that was made for another address.
    return await loaded.verify({ signature, body, url, clockTolerance: 5 }).catch(() => false);
  };
}
