/** Pages of rows. */

import { z } from "zod";

/** A page: its rows parsed, and the cursor of the next one where there may be more. */
export function page<Schema extends z.ZodType, Cursor>(
  schema: Schema,
  rows: readonly unknown[],
  limit: number,
  cursorOf: (row: z.output<Schema>) => Cursor,
): { rows: z.output<Schema>[]; next: Cursor | null } {
  const parsed = z.array(schema).parse(rows);
  return { rows: parsed, next: parsed.length === limit ? cursorOf(parsed[limit - 1]) : null };
}
