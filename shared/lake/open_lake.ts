/** The lake that the environment names. */

import { fileURLToPath } from "node:url";
import { ConfigError, type readConfig } from "../config.ts";
import { FileLake } from "./file_lake.ts";
import { type Lake, LakeError } from "./lake.ts";
import { type S3Credentials, S3Lake } from "./s3_lake.ts";

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

/** The key that the environment gives. */
function environmentKey(config: LakeConfig): () => Promise<S3Credentials> {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = config;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new ConfigError(
      "Cannot use LAKE_URL as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set beside it",
    );
  }
  return () => Promise.resolve({ accessKeyId, secretAccessKey, sessionToken });
}

function s3Lake(url: string, config: LakeConfig, credentials: () => Promise<S3Credentials>): Lake {
  const { AWS_REGION: region, AWS_ENDPOINT_URL_S3: endpoint } = config;
  if (region === undefined && endpoint === undefined) {
    throw new ConfigError(
      "Cannot use LAKE_URL as AWS_REGION must name the region of its bucket: it is missing",
    );
  }
  const [, bucket, prefix] = /^s3:\/\/([^/]+)(.*)$/.exec(url)!;
  try {
    // what is not AWS's own mostly has one region, and takes this name for it
    return new S3Lake({ bucket, prefix, region: region ?? "us-east-1", endpoint, credentials });
  } catch (error) {
    if (error instanceof LakeError) {
      throw new ConfigError(error.message.replace(/a key of the lake|a lake/, "LAKE_URL"));
    }
    throw error;
  }
}

/**
 * The lake that the environment names; undefined where it names none.
 *
 * @param config What `readConfig(LAKE_VARIABLES)` gives.
 * @param credentials Gives the key that signs requests to S3; the environment's unless given.
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
export function openLake(
  config: LakeConfig,
  credentials?: () => Promise<S3Credentials>,
): Lake | undefined {
  const { LAKE_URL: url } = config;
  if (url === undefined) return undefined;
  if (url.startsWith("file:")) return fileLake(url);
  return s3Lake(url, config, credentials ?? environmentKey(config));
}
