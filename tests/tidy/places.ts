/** Where a file stands in the house. */

/** Domains in the order in which they may import: each only earlier ones. */
export const domains = [
  "jobs",
  "changes",
  "audit",
  "auth",
  "preferences",
  "notifications",
  "simulation",
  "market_data",
  "watchlists",
  "accounts",
  "portfolio",
  "taxes",
  "risk",
  "optimization",
  "alternatives",
  "plans",
  "alerts",
  "strategies",
  "documents",
  "backtests",
  "trading",
  "advice",
  "compliance",
  "home",
  "ops",
];

export interface Place {
  /** The first folder, or "" for a file at the root. */
  layer: string;
  /** For a file in a folder of `services`. */
  domain?: string;
  /** The path below the layer, or below the domain. */
  inside: string;
}

export function placeOf(path: string): Place {
  const [layer = "", second = "", ...rest] = path.split("/");
  if (second === "") return { layer: "", inside: path };
  if (layer !== "services" || rest.length === 0) {
    return { layer, inside: [second, ...rest].join("/") };
  }
  return { layer, domain: second, inside: rest.join("/") };
}
