/** The lake, as commands open it. */

import { defaultProvider } from "@aws-sdk/credential-provider-node";
import process from "node:process";
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

/**
 * The lake a command works on. Its key is found as every AWS tool finds it: in the environment, a profile, a role of
 * the machine.
 *
 * @throws {UsageError} None is named, or it cannot be used.
 */
export function lakeOf(option: string | undefined): Lake {
  try {
    const config = readConfig(LAKE_VARIABLES, { ...process.env, LAKE_URL: option ?? process.env.LAKE_URL });
    const lake = openLake(config, defaultProvider());
    if (lake !== undefined) return lake;
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
  throw new UsageError(
    "Cannot reach the lake as --lake or LAKE_URL must be given: both are missing. `deno task start` prints the LAKE_URL of its own",
  );
}
