import assert from "node:assert/strict";
import { parseArray, printArray } from "../../lib/database_arrays.ts";
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
                 array[true, false] as bools, ${[1.5]}::float8[] as floats,
                 ${["0.10"]}::numeric[] as numerics`;
        assert.deepEqual({ ...row }, {
          uuids: [id],
          ints: [1, -2],
          bigints: [String(2 ** 40)],
          moments: [at],
          bytes: [bytes],
          bools: [true, false],
          floats: [1.5],
          numerics: ["0.10"],
        });
      });
    });
  });
}
