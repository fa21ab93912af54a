import { type Endpoint, exampleBody, parameters, queries } from "../support/endpoints.ts";
import { allPermissions, signToken } from "../support/tokens.ts";
import type { Answer } from "./judge.ts";
import type { Rig } from "./rig.ts";
import type { Asked, Mine } from "./slots.ts";

/** A person who may do everything, and has one of everything as soon as a path needs it. */
export interface Caller {
  mine: Mine;
  /** What a route wants to be asked, to put something naughty into. */
  usual(endpoint: Endpoint): Asked;
  ask(endpoint: Endpoint, asked: Asked): Promise<Answer>;
  /** Asks for an address that an answer has named. */
  go(method: string, path: string): Promise<Answer>;
  /** After something of theirs is gone, or their session: the next request makes it anew. */
  renew(): Promise<void>;
}

const nobodys = "0190b0f0-0000-7000-8000-00000000dead";
/** What only jobs and bugs make: there the id is one that nobody has. */
const notOnes: Record<string, string> = {
  "/v1/inbox/items": nobodys,
  "/v1/errors": nobodys,
  "/v1/dead-letters": nobodys,
};

let people = 0;

export async function createCaller(rig: Rig): Promise<Caller> {
  const userId = await register(rig);
  const ids = new Map<string, string>();
  const sign = () => signToken(rig.app, userId, allPermissions);
  let token = await sign();

  const headers = (hasBody: boolean): Asked["headers"] => [
    ["authorization", `Bearer ${token}`],
    ["if-match", "*"],
    // Streams answer nobody else, and all others do not mind.
    ["accept", "text/event-stream"],
    ...(hasBody ? [["content-type", "application/json"] as [string, string]] : []),
  ];
  const go = (method: string, path: string) => rig.send(path, { method, headers: headers(false) });

  /** The id for the parameter after `holder`, such as `/v1/plans`. */
  async function idUnder(holder: string): Promise<string> {
    const known = ids.get(holder);
    if (known !== undefined) return known;
    const id = notOnes[holder] ?? await make(holder) ?? await firstOf(holder);
    if (id === undefined) throw new Error(`nothing can be had under ${holder}`);
    ids.set(holder, id);
    return id;
  }

  async function make(holder: string): Promise<string | undefined> {
    const noun = holder.split("/").at(-1);
    const maker = rig.endpoints.find(({ method, path }) =>
      method === "POST" && path.startsWith("/v1/") && path.split("/").at(-1) === noun
    );
    if (maker === undefined) return;
    const { status, text } = await ask(maker, usual(maker));
    if (status >= 300) throw new Error(`${maker.route}: ${status} ${text}`);
    const { id } = JSON.parse(text);
    return (await go("GET", `${holder}/${id}`)).status === 200 ? id : undefined;
  }

  async function firstOf(holder: string): Promise<string | undefined> {
    const { status, text } = await go("GET", holder);
    return status === 200 ? JSON.parse(text).items[0]?.id : undefined;
  }

  const mine: Mine = (endpoint, example) => ofTheirs(endpoint, example, userId);

  function usual(endpoint: Endpoint): Asked {
    const hasBody = endpoint.checks.some(({ target }) => target === "json");
    const query = (queries[endpoint.route] ?? "").slice(1);
    const body = hasBody ? { body: mine(endpoint, exampleBody(endpoint)) } : {};
    return { params: {}, query, headers: headers(hasBody), ...body };
  }

  async function ask({ method, path }: Endpoint, asked: Asked): Promise<Answer> {
    let address = "";
    for (const part of path.slice(1).split("/")) {
      const name = part.startsWith(":") ? part.slice(1) : undefined;
      const value = name === undefined
        ? part
        : asked.params[name] ?? parameters[name] ?? await idUnder(address);
      address += `/${value}`;
    }
    return await rig.send(address + (asked.query && `?${asked.query}`), {
      method,
      headers: asked.headers,
      ...("body" in asked ? { body: bytesOf(asked.body) } : {}),
    });
  }

  return {
    mine,
    usual,
    ask,
    go,
    async renew() {
      ids.clear();
      token = await sign();
    },
  };
}

/** A body is JSON, unless it is bytes already. */
function bytesOf(body: unknown): BodyInit {
  return body instanceof Uint8Array ? body as Uint8Array<ArrayBuffer> : JSON.stringify(body);
}

async function register(rig: Rig): Promise<string> {
  const { status, text } = await rig.send("/v1/auth/register", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      email: `naughty.${++people}@example.com`,
      password: "a-fine-long-passphrase",
      name: "Somebody",
    }),
  });
  if (status !== 201) throw new Error(`register: ${status} ${text}`);
  return JSON.parse(text).user.id;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whoever an example is about is the caller, and whoever it makes is somebody new. */
function ofTheirs({ doc }: Endpoint, example: unknown, userId: string): unknown {
  const isMaking = doc?.answers[201] !== undefined;
  return JSON.parse(JSON.stringify(example), (_, value) => {
    if (typeof value !== "string") return value;
    if (uuid.test(value)) return userId;
    return isMaking && /^\w+@example\.com$/.test(value) ? `${++people}.${value}` : value;
  });
}
