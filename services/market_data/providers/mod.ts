import type { Settings } from "../../../config.ts";
import type { Fetch } from "../../../lib/http_client.ts";
import type { Log } from "../../../lib/log.ts";
import type { Clock } from "../../../lib/time.ts";
import type { QuoteProvider } from "../ports.ts";
import * as demo from "./demo/mod.ts";
import { guarded } from "./guarded.ts";
import * as yahoo from "./yahoo/mod.ts";

export interface ProviderWorld {
  now: Clock;
  fetch: Fetch;
  log: Log;
}

type Factory = (settings: Settings, world: ProviderWorld) => QuoteProvider;

/** Every source of prices by the name that MARKET_PROVIDERS calls it. Adding one is a folder and a line here. */
const factories = new Map<string, Factory>([
  [demo.name, (_settings, { now }) => demo.create(now)],
  [
    yahoo.name,
    ({ yahooUrl }, { now, fetch }) =>
      yahoo.create(yahoo.settings.parse({ baseUrl: yahooUrl }), fetch, now),
  ],
]);

/** The providers that the settings name, in their order, each behind its guard. Throws RangeError for a name unknown. */
export function createQuoteProviders(
  settings: Settings,
  world: ProviderWorld,
): QuoteProvider[] {
  return settings.marketProviders.map((name) => {
    const create = factories.get(name);
    if (create === undefined) {
      const known = [...factories.keys()].join(", ");
      throw new RangeError(`MARKET_PROVIDERS names ${name}; there are ${known}`);
    }
    return guarded(create(settings, world), world.now, world.log);
  });
}
