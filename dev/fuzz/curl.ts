export interface Asked {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
}

const bodyShownMax = 2_000;

/** The request as a command for a shell. A token stands as `$FIRST` and the like: it would be of no use tomorrow. */
export function toCurl({ method, url, headers, body }: Asked): string {
  const fields = Object.entries(headers).map(([name, value]) =>
    `-H ${quoted(`${name}: ${value}`)}`
  );
  const data = body === undefined
    ? []
    : [`--data-binary ${quoted(textOf(body), typeof body !== "string")}`];
  return ["curl -i -X", method, quoted(url), ...fields, ...data].join(" ");
}

function textOf(body: string | Uint8Array): string {
  const text = typeof body === "string"
    ? body
    : String.fromCharCode(...body.slice(0, bodyShownMax));
  return text.length > bodyShownMax
    ? `${text.slice(0, bodyShownMax)}… (${text.length} in all)`
    : text;
}

/** Quoted for bash, with everything spelt out that a terminal would not show. */
function quoted(text: string, isBytes = false): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const spelt = [...text].map((char) => {
    if (char === "'" || char === "\\") return `\\${char}`;
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0x20 && code < 0x7f) return char;
    return code > 0xffff
      ? `\\U${hex(code, 8)}`
      : code > 0xff || (code >= 0x80 && !isBytes)
      ? `\\u${hex(code, 4)}`
      : `\\x${hex(code, 2)}`;
  });
  return `$'${spelt.join("")}'`;
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, "0");
}
