import { sections } from "./catalogue.ts";
import { type Session, withSession } from "./session.ts";

interface Piece {
  object: string;
  rank: number;
  text: string;
}

const heading =
  `-- The schema that the migrations lead to, read from Postgres' catalogues for people to read.
-- Not to be edited or run: \`deno task schema\` writes it, and a test compares it. Partitions by time are left out.
`;
// What the catalogue's functions print depends on these.
const settings = `
  set search_path = public;
  set timezone = 'UTC';
  set datestyle = 'ISO, YMD';
  set intervalstyle = 'postgres';
  set bytea_output = 'hex';
  set quote_all_identifiers = off`;

/**
 * The schema of a database as text: the same for the same schema, whatever was done to get there. It has types,
 * functions, tables with their columns, constraints, indexes, row security, policies and triggers, views, sequences,
 * and the rights of roles named `almanac_*`; it has no roles, no data and no owners of other names.
 */
export async function dumpSchema(url: string): Promise<string> {
  return await withSession(url, async (session) => {
    await session.unsafe(settings);
    let dump = heading;
    for (const [title, questions] of Object.entries(sections)) {
      const pieces = await Promise.all(questions.map((question) => ask(session, question)));
      dump += sectionText(title, pieces.flat());
    }
    return dump;
  });
}

async function ask(session: Session, question: string): Promise<Piece[]> {
  return await session.unsafe<Piece[]>(question);
}

/** Sorted here and not by the server, whose order of text depends on the database's collation. */
function sectionText(title: string, pieces: Piece[]): string {
  if (pieces.length === 0) return "";
  const objects = Map.groupBy(pieces, ({ object }) => object);
  const texts = [...objects].toSorted(([a], [b]) => byText(a, b)).map(([, group]) =>
    group.toSorted((a, b) => a.rank - b.rank || byText(a.text, b.text))
      .map(({ text }) => text.trimEnd()).join("\n")
  );
  return `\n-- ${title}\n\n${texts.join("\n\n")}\n`;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
