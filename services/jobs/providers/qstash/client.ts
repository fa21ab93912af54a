import type { Client } from "@upstash/qstash";
import type { Secret } from "../../../../lib/secret.ts";

export interface QstashSettings {
  url: string;
  token: Secret;
  /** Where QStash reaches us; messages go to `<publicUrl>/jobs/<name>`. */
  publicUrl: string;
}

/** The SDK costs 23 ms to load, so it is loaded at the first message, and kept. */
export function lazyClient(settings: QstashSettings): () => Promise<Client> {
  let client: Promise<Client> | undefined;
  return () =>
    client ??= import("@upstash/qstash").then(({ Client }) =>
      new Client({
        baseUrl: settings.url,
        token: settings.token.reveal(),
        // Dev mode would trust publicly known signing keys.
        devMode: false,
        retry: false,
        enableTelemetry: false,
      })
    );
}
