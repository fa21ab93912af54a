import * as z from "zod";

export type Json = Record<string, unknown>;

/** Gathers the named schemas of a document while it hands out references to them. */
export interface SchemaBook {
  /** The JSON Schema of what goes in or comes out; a schema with an id becomes a reference. */
  schemaOf(schema: z.ZodType, direction: "input" | "output"): Json;
  named(): Json;
}

export function createSchemaBook(): SchemaBook {
  const named: Record<string, Json> = {};

  function keep(id: string, schema: Json, direction: "input" | "output"): Json {
    // What goes in may lack what has a default, so that one id can stand for two shapes.
    const known = named[id];
    const same = known === undefined || JSON.stringify(known) === JSON.stringify(schema);
    const name = same ? id : `${id}${direction === "input" ? "Input" : "Output"}`;
    named[name] = schema;
    return { $ref: `#/components/schemas/${name}` };
  }

  return {
    schemaOf(schema, direction) {
      const { $schema: _, $defs, ...root } = JSON.parse(
        JSON.stringify(z.toJSONSchema(schema, { io: direction, unrepresentable: "any" }))
          .replaceAll('"#/$defs/', '"#/components/schemas/'),
      ) as Json & { $defs?: Record<string, Json> };
      for (const [id, inner] of Object.entries($defs ?? {})) keep(id, withoutId(inner), direction);
      const id = schema.meta()?.id;
      return id === undefined ? root : keep(id, withoutId(root), direction);
    },
    named: () => named,
  };
}

function withoutId({ id: _, ...schema }: Json): Json {
  return schema;
}
