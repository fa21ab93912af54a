import { branchesOf, sampleOf, type Schema } from "./json_schema.ts";

export type Path = (string | number)[];

/** A place in a body where a text can be put: as the value there, or as the name of one more member. */
export interface Field {
  path: Path;
  as: "value" | "name";
  schema: Schema;
  /** What has to be put into the example first, so that there is such a place. */
  fill: [path: Path, value: unknown][];
}

/** Every place of a body, however deep, also those that the example leaves out. */
export function fieldsOf(schema: Schema, example: unknown): Field[] {
  const found = new Map<string, Field>();
  const take = (field: Field) => {
    const key = `${field.as} ${JSON.stringify(field.path)}`;
    if (!found.has(key)) found.set(key, field);
  };
  visit({ schema, value: example, path: [], fill: [] }, take);
  return [...found.values()];
}

/** A body made of the example, with `text` at the field's place. */
export function bodyWith(example: unknown, { path, as, fill }: Field, text: string): unknown {
  const filled = fill.reduce((body, [at, value]) => put(body, at, value), example);
  if (as === "value") return put(filled, path, text);
  // An object, so that a name which means something to JavaScript has something to spoil.
  return put(filled, [...path, text], path.length === 0 ? { polluted: "yes" } : "yes");
}

export function valueAt(body: unknown, path: Path): unknown {
  return path.reduce<unknown>((holder, name) => {
    if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, name)) return;
    return (holder as Record<string, unknown>)[name];
  }, body);
}

interface Place {
  schema: Schema;
  value: unknown;
  path: Path;
  fill: Field["fill"];
}

function visit(place: Place, take: (field: Field) => void): void {
  const { schema, path, fill } = place;
  for (const branch of branchesOf(schema)) {
    const filled = filledFor(branch, place);
    if (branch.type === "object") visitObject(branch, filled, take);
    else if (branch.type === "array") {
      visit(child(filled, branch.items ?? {}, 0), take);
    } else take({ path, as: "value", schema: branch, fill });
  }
}

function visitObject(branch: Schema, place: Place, take: (field: Field) => void): void {
  const { path, fill, value } = place;
  for (const [name, property] of Object.entries(branch.properties ?? {})) {
    visit(child(place, property, name), take);
  }
  take({ path, as: "name", schema: branch, fill });
  const { additionalProperties: others, propertyNames } = branch;
  if (typeof others !== "object" || Object.keys(others).length === 0) return;
  const [known = String(sampleOf(propertyNames ?? {}))] = Object.keys(value as object);
  visit(child(place, others, known), take);
}

function child({ value, path, fill }: Place, schema: Schema, name: string | number): Place {
  return { schema, value: valueAt(value, [name]), path: [...path, name], fill };
}

/** A holder that is missing, or of another kind, is put there. */
function filledFor(branch: Schema, place: Place): Place {
  const isArray = branch.type === "array";
  if (!isArray && branch.type !== "object") return place;
  const { value, path, fill } = place;
  const fits = typeof value === "object" && value !== null && Array.isArray(value) === isArray;
  if (fits) return place;
  const sample = sampleOf(branch);
  return { ...place, value: sample, fill: [...fill, [path, sample]] };
}

function put(body: unknown, [name, ...rest]: Path, value: unknown): unknown {
  if (name === undefined) return value;
  const inner = put(valueAt(body, [name]), rest, value);
  if (Array.isArray(body)) return Object.assign([...body], { [name]: inner });
  // By entries, since assigning to some names would not make a member.
  const members = Object.entries(typeof body === "object" && body !== null ? body : {});
  return Object.fromEntries([...members.filter(([other]) => other !== String(name)), [
    name,
    inner,
  ]]);
}
