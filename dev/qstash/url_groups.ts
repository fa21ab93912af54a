import { isHttpUrl } from "./options.ts";
import { requireName } from "./ids.ts";
import type { Plan } from "./plans.ts";
import { Refusal, requireRoom } from "./refusal.ts";

export interface Endpoint {
  name?: string;
  url: string;
}

export interface UrlGroup {
  name: string;
  createdAt: number;
  updatedAt: number;
  endpoints: Endpoint[];
  /** Headers that a publish to the group has where it brings none of its own. */
  headers: Record<string, string>;
}

/** Names that stand for several destinations: a publish to one becomes a message for each. */
export interface UrlGroups {
  find(name: string): UrlGroup | undefined;
  get(name: string): UrlGroup;
  list(): UrlGroup[];
  add(name: string, endpoints: Endpoint[]): void;
  /** Removes endpoints by name or URL; a group without any is deleted. */
  remove(name: string, endpoints: Partial<Endpoint>[]): void;
  delete(name: string): void;
  /** Replaces the headers that every publish to the group begins with. */
  setHeaders(name: string, headers: Record<string, string>): void;
}

export function createUrlGroups(now: () => number, plan: Plan): UrlGroups {
  const groups = new Map<string, UrlGroup>();

  function get(name: string): UrlGroup {
    const group = groups.get(name);
    if (group === undefined) throw new Refusal(404, `URL group ${name} not found`);
    return group;
  }

  function add(name: string, endpoints: Endpoint[]) {
    const invalid = endpoints.find(({ url }) => !isHttpUrl(url));
    if (invalid !== undefined) throw new Refusal(400, `invalid endpoint url: ${invalid.url}`);
    const { createdAt = now(), headers = {}, endpoints: earlier = [] } = groups.get(name) ?? {};
    const all = [...without(earlier, endpoints), ...endpoints];
    if (!groups.has(name)) requireRoom(groups.size + 1, plan.urlGroupsMax, "URL groups");
    requireRoom(all.length, plan.endpointsPerGroupMax, "endpoints in a URL group");
    requireName(name, "URL group name");
    groups.set(name, { name, createdAt, updatedAt: now(), endpoints: all, headers });
  }

  function remove(name: string, endpoints: Partial<Endpoint>[]) {
    const group = get(name);
    if (endpoints.some(({ name, url }) => name === undefined && url === undefined)) {
      throw new Refusal(400, "an endpoint to remove needs a name or a url");
    }
    group.endpoints = without(group.endpoints, endpoints);
    group.updatedAt = now();
    if (group.endpoints.length === 0) groups.delete(name);
  }
  return {
    find: (name) => groups.get(name),
    get,
    list: () => [...groups.values()],
    add,
    remove,
    delete: (name) => void groups.delete(name),
    setHeaders(name, headers) {
      const group = get(name);
      group.headers = headers;
      group.updatedAt = now();
    },
  };
}

function without(endpoints: Endpoint[], removed: Partial<Endpoint>[]): Endpoint[] {
  const isRemoved = (endpoint: Endpoint) =>
    removed.some(({ name, url }) =>
      name === undefined ? url === endpoint.url : name === endpoint.name
    );
  return endpoints.filter((endpoint) => !isRemoved(endpoint));
}
