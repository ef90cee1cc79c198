/** Engines by the name that everybody outside the database uses. */

import type { SupabaseClient } from "@supabase/supabase-js";
import { readableRows, whereText } from "../../shared/data_api.ts";
import { Problem } from "../../shared/problem.ts";

/** What is answered where no engine has a name. */
export function unknownEngine(unitNumber: string): Problem {
  return new Problem(
    404,
    "not-found",
    `Cannot find the engine ${unitNumber.slice(0, 64)}: no engine has this unit_number`,
  );
}

/**
 * The internal identifier of an engine.
 *
 * @throws {Problem} 404 when no engine has this name.
 */
export async function engineId(client: SupabaseClient, unitNumber: string): Promise<string> {
  const [engine] = await readableRows<{ id: string }>(
    client,
    "engines",
    whereText(client.from("engines").select("id"), "unit_number", unitNumber).limit(1),
  );
  if (engine === undefined) throw unknownEngine(unitNumber);
  return engine.id;
}
