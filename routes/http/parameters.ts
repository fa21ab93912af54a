import * as z from "zod";

/** A UUID in the path, however it is spelt. */
export const IdParam = z.strictObject({ id: z.uuid().toLowerCase() });
