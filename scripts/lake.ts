/** The lake, as commands open it. */

import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { readConfig } from "../shared/config.ts";
import type { Lake } from "../shared/lake/lake.ts";
import { LAKE_VARIABLES, openLake } from "../shared/lake/open_lake.ts";
import { CommandError } from "./cli.ts";

/**
 * The lake of LAKE_URL. Its key is found as every AWS tool finds it: in the environment, a profile, a role of the
 * machine.
 *
 * @throws {CommandError} LAKE_URL is not set.
 */
export function requireLake(): Lake {
  const lake = openLake(readConfig(LAKE_VARIABLES), defaultProvider());
  if (lake !== undefined) return lake;
  throw new CommandError(
    "Cannot reach the lake as LAKE_URL must be set to s3://BUCKET/PREFIX or file:///FOLDER: it is missing",
  );
}
