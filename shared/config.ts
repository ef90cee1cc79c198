/** Configuration: environment variables, listed once here and in .env.example, parsed once at start. */

import { z } from "zod";
import { LOG_LEVELS } from "./log.ts";

const keyList = z.string().transform((text) => text.split(",").map((key) => key.trim()).filter(Boolean)).pipe(
  z.array(z.string().min(16, "each key must have at least 16 characters")),
);

const namedKeys = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue({ code: "custom", message: 'must be JSON such as {"default":"sb_secret_…"}' });
    return z.NEVER;
  }
}).pipe(z.record(z.string(), z.string()));

const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: "must be a connection string such as postgres://user:password@host:5432/postgres",
});

/** Whether a secret sent to this URL is read by nobody else on the way. */
export function isPrivate(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "https:" ||
    (url?.protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname));
}

const privateUrl = z.string().refine(
  (text) => isPrivate(text) && URL.parse(text)?.username === "" && URL.parse(text)?.password === "",
  "must be an https URL without user and password (http is for this machine only)",
);

/** What can be part of a header. */
const visibleText = z.string().regex(/^[\x21-\x7e]+$/, "must be ASCII characters without white space");

/** Every variable Spool reads. A function takes those it needs with {@link readConfig}. */
const VARIABLES = {
  /** Postgres, as its owner. Hosted functions have SUPABASE_DB_URL, which is used where this is not set. */
  DATABASE_URL: postgresUrl,
  /** Most connections of one process. Hosted: many isolates share one pooler, so one each. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(100).default(1),
  /** Keys that may send readings, separated by commas. */
  INGEST_KEYS: keyList.default([]),
  /** Keys that may deliver to /kinesis, separated by commas: the current one and, while it is replaced, the previous. */
  KINESIS_ACCESS_KEYS: keyList.default([]),
  /** Name of the Kinesis stream that readings are on. */
  KINESIS_STREAM: z.string().regex(/^[a-zA-Z0-9_.-]{1,128}$/, "must be the name of a Kinesis stream")
    .optional(),
  /** Largest request body of /ingest and /kinesis, in bytes after decompression. */
  INGEST_MAX_BODY_BYTES: z.coerce.number().int().min(1024).max(64 * 1024 * 1024).default(16 * 1024 * 1024),
  /** The project's secret keys by name, as Supabase gives them to functions. */
  SUPABASE_SECRET_KEYS: namedKeys.default({}),
  /** The older single secret key, as Supabase gives it to functions. */
  SUPABASE_SERVICE_ROLE_KEY: z.string().optional(),
  /** The project's own address, where its Data API is. */
  SUPABASE_URL: z.url({
    protocol: /^https?$/,
    error: "must be the address of the project such as https://REF.supabase.co",
  }),
  /** The project's publishable keys by name, as Supabase gives them to functions. */
  SUPABASE_PUBLISHABLE_KEYS: namedKeys.default({}),
  /** The older single publishable key, as Supabase gives it to functions. */
  SUPABASE_ANON_KEY: z.string().optional(),
  // alerts
  /** Slack-compatible webhook to which alerts are posted; whoever knows it can post. */
  ALERT_WEBHOOK_URL: privateUrl.optional(),
  /** SNS topic to which alerts are published. */
  ALERT_SNS_TOPIC_ARN: z.string().regex(
    /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?$/,
    "must be an ARN such as arn:aws:sns:eu-central-1:123456789012:spool-alerts",
  ).optional(),
  /** Region that requests to AWS are signed for; a topic's own unless given. */
  AWS_REGION: z.string().regex(/^[a-z0-9-]+$/, "must be a region such as eu-central-1").optional(),
  /** Key that signs requests to AWS. */
  AWS_ACCESS_KEY_ID: visibleText.optional(),
  AWS_SECRET_ACCESS_KEY: visibleText.optional(),
  /** Goes with temporary keys. */
  AWS_SESSION_TOKEN: visibleText.optional(),
  /** Where SNS is, when it is not AWS's own. */
  AWS_ENDPOINT_URL_SNS: privateUrl.optional(),
  /** Where S3 is, when it is not AWS's own. */
  AWS_ENDPOINT_URL_S3: privateUrl.optional(),
  // lake and lineage
  /** Where the lake is: s3://BUCKET/PREFIX, or file:///FOLDER on this machine. */
  LAKE_URL: z.string().regex(
    /^(s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/\S*)?|file:\/\/\/.*)$/,
    "must be s3://BUCKET/PREFIX or file:///FOLDER",
  ).optional(),
  /** Address of an OpenLineage server such as Marquez, to which lineage is forwarded. */
  OPENLINEAGE_URL: privateUrl.optional(),
  /** Key of that server. */
  OPENLINEAGE_API_KEY: visibleText.optional(),
  // training again
  /** Webhook that starts a training when it has been decided; whoever knows it can start one. */
  RETRAINING_WEBHOOK_URL: privateUrl.optional(),
  /** Key that goes with it, as a bearer. */
  RETRAINING_WEBHOOK_KEY: visibleText.optional(),
  /** SageMaker pipeline, by name or ARN, that is started instead. */
  SAGEMAKER_PIPELINE_NAME: z.string().regex(
    /^(arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:pipeline\/)?[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}$/,
    "must be the name or ARN of a SageMaker pipeline",
  ).optional(),
  /** Parameters that this pipeline has and that it is to be given, separated by commas. */
  SAGEMAKER_PIPELINE_PARAMETERS: z.string().transform((text) =>
    text.split(",").map((name) => name.trim()).filter(Boolean)
  ).pipe(
    z.array(z.enum(["SpoolDecision", "SpoolReasons"], "must be SpoolDecision, SpoolReasons or both")),
  ).default([]),
  /** Where SageMaker is, when it is not AWS's own. */
  AWS_ENDPOINT_URL_SAGEMAKER: privateUrl.optional(),
  // log
  /** The least level that functions log: info is every request, warn what failed because something was away, error the rest. */
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be ${LOG_LEVELS.join(", ")}`).default("info"),
  // worker
  /** Key that wakes the worker, beside the project's secret keys; the same as spool_worker_key in Vault. */
  WORKER_KEY: z.string().min(16, "must have at least 16 characters").optional(),
};

type Variables = typeof VARIABLES;

/** Missing or malformed variables, all of them in one message. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the named variables.
 *
 * @param env Where to look; the process environment unless given.
 * @throws {ConfigError} Names every variable that is missing or malformed.
 *
 * @example
 * ```ts
 * import { readConfig } from "./config.ts";
 * import assert from "node:assert/strict";
 *
 * const config = readConfig(["INGEST_KEYS"], { INGEST_KEYS: "a-key-of-a-sender,another-key-of-one" });
 * assert.deepEqual(config.INGEST_KEYS, ["a-key-of-a-sender", "another-key-of-one"]);
 * assert.throws(() => readConfig(["DATABASE_URL"], {}), /DATABASE_URL/);
 * ```
 */
export function readConfig<Name extends keyof Variables>(
  names: readonly Name[],
  env: Record<string, string | undefined> = Deno.env.toObject(),
): { [Key in Name]: z.output<Variables[Key]> } {
  const shape = Object.fromEntries(names.map((name) => [name, VARIABLES[name]]));
  const given = Object.fromEntries(names.map((name) => [name, env[name] || undefined]));
  if ("DATABASE_URL" in given) given.DATABASE_URL ??= env.SUPABASE_DB_URL || undefined;

  const result = z.object(shape).safeParse(given);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return given[name] === undefined ? `${name} is missing` : `${name} ${issue.message}`;
    });
    throw new ConfigError(`Cannot start as the environment must be complete: ${faults.join("; ")}`);
  }
  return result.data as { [Key in Name]: z.output<Variables[Key]> };
}
