/** The lake that the environment names. */

import { fileURLToPath } from "node:url";
import { ConfigError, type readConfig } from "../config.ts";
import { FileLake } from "./file_lake.ts";
import type { Lake } from "./lake.ts";

/** The variables that {@link openLake} is configured with; all are optional. */
export const LAKE_VARIABLES = [
  "LAKE_URL",
  "AWS_ENDPOINT_URL_S3",
  "AWS_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
] as const;

/** Their values, of `readConfig(LAKE_VARIABLES)`. */
export type LakeConfig = ReturnType<typeof readConfig<(typeof LAKE_VARIABLES)[number]>>;

function fileLake(url: string): Lake {
  // Supabase's runtime has files, but each isolate has its own and loses them when it ends: what is archived there
  // would be gone, and would have been verified before
  if ("EdgeRuntime" in globalThis) {
    throw new ConfigError(
      `Cannot use LAKE_URL as it must be s3://BUCKET/PREFIX where functions are hosted, which keep no files: current value is ${url}`,
    );
  }
  let folder: string;
  try {
    folder = fileURLToPath(url);
  } catch (error) {
    throw new ConfigError(
      `Cannot use LAKE_URL as it must be file:///FOLDER, percent-encoded: current value is ${url}`,
      { cause: error },
    );
  }
  if (/^\/*$/.test(folder)) {
    throw new ConfigError(
      `Cannot use LAKE_URL as it must be a folder of its own: current value is ${url}`,
    );
  }
  return new FileLake(folder);
}

/**
 * The lake that the environment names; undefined where it names none.
 *
 * @param config What `readConfig(LAKE_VARIABLES)` gives.
 * @throws {ConfigError} It cannot be used from here.
 *
 * @example
 * ```ts
 * import { LAKE_VARIABLES, openLake } from "./open_lake.ts";
 * import { readConfig } from "../config.ts";
 * import assert from "node:assert/strict";
 *
 * const lake = openLake(readConfig(LAKE_VARIABLES, { LAKE_URL: "file:///var/lake/" }));
 * assert.equal(lake?.url, "file:///var/lake");
 * assert.equal(openLake(readConfig(LAKE_VARIABLES, {})), undefined);
 * ```
 */
export function openLake(config: LakeConfig): Lake | undefined {
  const { LAKE_URL: url } = config;
  if (url === undefined) return undefined;
  if (url.startsWith("file:")) return fileLake(url);
  throw new ConfigError("s3:// follows in the next commit");
}
