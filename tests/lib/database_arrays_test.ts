import assert from "node:assert/strict";
import { join } from "node:path";
import { arrayTypesOf, parseArray, printArray } from "../../lib/database_arrays.ts";
import { person, withDatabase } from "./database_world.ts";

const texts = [[], [""], ["a", 'b"c', "d\\e", "f,g", "{h}", " i ", "NULL", "null", "ü\n"], [
  "x",
  null,
]];

Deno.test("what is printed as an array is read as the same", () => {
  for (const values of texts) {
    assert.deepEqual(parseArray(String(printArray(values)), (text) => text), values);
  }
  assert.throws(() => printArray([undefined]), TypeError);
  assert.throws(() => printArray([["nested"]]), TypeError);
  assert.throws(() => printArray([{ an: "object" }]), TypeError);
  for (const text of ["{{1},{2}}", "[2:3]={1,2}"]) {
    assert.throws(() => parseArray(text, Number), TypeError);
  }
});

for (const prepare of [true, false]) {
  Deno.test(`Postgres reads our arrays and we read its (prepare: ${prepare})`, async () => {
    await withDatabase(async ({ open }) => {
      await open({ prepare }).transaction(person, async (sql) => {
        for (const values of texts) {
          const [row] =
            await sql`select ${values}::text[] as back, cardinality(${values}::text[]) as n`;
          assert.deepEqual([row?.back, row?.n], [values, values.length]);
        }
        const id = crypto.randomUUID();
        const at = new Date(1_700_000_000_123);
        const bytes = new Uint8Array([0, 92, 34, 255]);
        const [row] = await sql`
          select ${[id]}::uuid[] as uuids, ${[1, -2]}::int[] as ints, ${[
          2 ** 40,
        ]}::bigint[] as bigints,
                 ${[at.toISOString()]}::timestamptz[] as moments, array[${bytes}::bytea] as bytes,
                 ${["true", null, "f"]}::bool[] as bools, ${[1.5]}::float8[] as floats,
                 ${["0.10"]}::numeric[] as numerics`;
        assert.deepEqual({ ...row }, {
          uuids: [id],
          ints: [1, -2],
          bigints: [String(2 ** 40)],
          moments: [at],
          bytes: [bytes],
          bools: [true, null, false],
          floats: [1.5],
          numerics: ["0.10"],
        });
      });
    });
  });
}

Deno.test("every array that the tables have or our statements name is of a type that we know by its number", async () => {
  await withDatabase(async ({ inspect: { sql } }) => {
    const columns = await sql<{ type: string }[]>`
      select distinct a.atttypid::regtype::text as type
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
      where c.relnamespace = 'public'::regnamespace and t.typcategory = 'A' and a.attnum > 0`;
    const named = [...await typesNamedIn("services"), ...await typesNamedIn("lib")];
    const types = new Set([...columns.map(({ type }) => type), ...named]);
    assert.ok(types.has("text[]") && types.has("uuid[]"), [...types].join());
    const known = new Set(Object.values(arrayTypesOf()).map(({ to }) => to));
    for (const type of types) {
      const [row] = await sql<{ number: number }[]>`select ${type}::regtype::oid as number`;
      assert.ok(known.has(row?.number ?? 0), `${type} is not known`);
    }
  });
});

async function typesNamedIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) found.push(...await typesNamedIn(path));
    else if (/\.(ts|sql)$/.test(name)) {
      const text = await Deno.readTextFile(path);
      found.push(...[...text.matchAll(/::\s*(\w+\[\])/g)].map(([, type = ""]) => type));
    }
  }
  return found;
}
