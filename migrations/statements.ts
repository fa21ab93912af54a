/** One statement of a file of SQL, without its semicolon and without comments before it. */
export interface Statement {
  text: string;
  /** Where it begins, from 1. */
  line: number;
}

// One alternative per thing that may hold a semicolon without ending the statement; section 4.1 of Postgres' manual.
// Comments may be nested, so only their start is matched here.
const token =
  /--[^\n]*|\/\*|(?<![\w$])[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\w$])\$([A-Za-z_]\w*)?\$|;/gs;

/** Splits SQL at its semicolons, minding strings, quoted names, dollar quotes and nested comments. */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  for (const end of semicolons(sql)) {
    add(start, end);
    start = end + 1;
  }
  add(start, sql.length);
  return statements;

  function add(from: number, to: number) {
    const begin = from + blankBefore(sql.slice(from, to));
    const text = sql.slice(begin, to).trim();
    if (text !== "") statements.push({ text, line: lineAt(sql, begin) });
  }
}

/** The line, from 1, of the character at `index`. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

function* semicolons(sql: string): Generator<number> {
  const scan = new RegExp(token);
  for (let found = scan.exec(sql); found; found = scan.exec(sql)) {
    const [text] = found;
    if (text === ";") yield found.index;
    if (text === "/*") scan.lastIndex = commentEnd(sql, found.index);
    // A dollar quote ends at the same tag, whatever stands between; the rest of the file if it never does.
    if (text.startsWith("$")) scan.lastIndex = after(sql, text, scan.lastIndex);
  }
}

/** How many characters of blanks and comments `sql` begins with. */
function blankBefore(sql: string): number {
  let at = 0;
  for (;;) {
    const blank = sql.slice(at).match(/^(\s+|--[^\n]*)+/)?.[0].length ?? 0;
    at += blank;
    if (!sql.startsWith("/*", at)) return at;
    at = commentEnd(sql, at);
  }
}

function commentEnd(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at++) {
    const two = sql.slice(at, at + 2);
    if (two === "/*") depth++;
    else if (two === "*/") depth--;
    else continue;
    at++;
    if (depth === 0) return at + 1;
  }
  return sql.length;
}

function after(sql: string, needle: string, from: number): number {
  const at = sql.indexOf(needle, from);
  return at < 0 ? sql.length : at + needle.length;
}
