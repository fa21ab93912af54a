import * as z from "zod";

/** A UUID in the path, however it is spelt. */
export const IdParam = z.strictObject({ id: z.uuid().toLowerCase() });

/** How many items of a list are wanted: 1 to 100, 50 by default. */
export const Limit = z.string().regex(/^\d{1,3}$/).transform(Number).pipe(
  z.number().min(1).max(100),
).default(50);
