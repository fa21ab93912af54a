/** A phone: signs in, calls the API, and insists on the status that it expects. */
export interface Phone {
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    options?: CallOptions,
  ): Promise<Answer<T>>;
  signIn(email: string, password: string): Promise<{ name: string; id: string }>;
  token(): string;
}

export interface CallOptions {
  json?: unknown;
  headers?: Record<string, string>;
  /** Anything in 200..299 unless given. */
  expect?: number;
}

export interface Answer<T> {
  status: number;
  etag: string | null;
  body: T;
}

export function createPhone(appUrl: string): Phone {
  let token = "";

  async function call<T>(
    method: string,
    path: string,
    options: CallOptions = {},
  ): Promise<Answer<T>> {
    const response = await fetch(appUrl + path, {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(options.json === undefined ? {} : { "content-type": "application/json" }),
        ...options.headers,
      },
      body: options.json === undefined ? undefined : JSON.stringify(options.json),
    });
    const text = await response.text();
    const asExpected = options.expect === undefined
      ? response.ok
      : response.status === options.expect;
    if (!asExpected) {
      throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
    }
    return { status: response.status, etag: response.headers.get("etag"), body: parse(text) as T };
  }

  return {
    call,
    async signIn(email, password) {
      const { body } = await call<{ accessToken: string; user: { name: string; id: string } }>(
        "POST",
        "/v1/auth/login",
        { json: { email, password } },
      );
      token = body.accessToken;
      return body.user;
    },
    token: () => token,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
