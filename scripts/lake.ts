/** The lake that a command works on. */

import { ConfigError, readConfig } from "../shared/config.ts";
import type { Lake } from "../shared/lake/lake.ts";
import { LAKE_VARIABLES, openLake } from "../shared/lake/open_lake.ts";
import { type Option, UsageError } from "./cli.ts";

/** The option that names a lake, and what it falls back to. */
export const LAKE_OPTION = {
  type: "string",
  value: "URL",
  help: "s3://BUCKET/PREFIX or file:///FOLDER (default: LAKE_URL)",
} as const satisfies Option;

/** The lake a command works on. */
export function lakeOf(option: string | undefined): Promise<Lake> {
  const env = Deno.env.toObject();
  try {
    const lake = openLake(readConfig(LAKE_VARIABLES, { ...env, LAKE_URL: option ?? env.LAKE_URL }));
    if (lake === undefined) throw new UsageError("No lake is named: use --lake or LAKE_URL");
    return Promise.resolve(lake);
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
}
