import { isHttpUrl } from "./options.ts";
import { requireName } from "./ids.ts";
import { Refusal } from "./refusal.ts";

export interface Endpoint {
  name?: string;
  url: string;
}

export interface UrlGroup {
  name: string;
  createdAt: number;
  updatedAt: number;
  endpoints: Endpoint[];
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
}

export function createUrlGroups(now: () => number): UrlGroups {
  const groups = new Map<string, UrlGroup>();

  function get(name: string): UrlGroup {
    const group = groups.get(name);
    if (group === undefined) throw new Refusal(404, `URL group ${name} not found`);
    return group;
  }

  function add(name: string, endpoints: Endpoint[]) {
    const invalid = endpoints.find(({ url }) => !isHttpUrl(url));
    if (invalid !== undefined) throw new Refusal(400, `invalid endpoint url: ${invalid.url}`);
    const createdAt = groups.get(name)?.createdAt ?? now();
    const kept = without(groups.get(name)?.endpoints ?? [], endpoints);
    groups.set(requireName(name, "URL group name"), {
      name,
      createdAt,
      updatedAt: now(),
      endpoints: [...kept, ...endpoints],
    });
  }

  function remove(name: string, endpoints: Partial<Endpoint>[]) {
    const group = get(name);
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
  };
}

function without(endpoints: Endpoint[], removed: Partial<Endpoint>[]): Endpoint[] {
  const isRemoved = (endpoint: Endpoint) =>
    removed.some(({ name, url }) =>
      name === undefined ? url === endpoint.url : name === endpoint.name
    );
  return endpoints.filter((endpoint) => !isRemoved(endpoint));
}
