/** Starts the training that has been decided, with a webhook or a SageMaker pipeline: once for each decision, told apart by its key. */

import { AwsClient } from "aws4fetch";
import type postgres from "postgres";
import { fullJitter } from "./backoff.ts";
import { ConfigError, type readConfig } from "./config.ts";
import { post, type SendOutcome } from "./posting.ts";

/** The variables that {@link retrainingHook} is configured with; all are optional. */
export const RETRAINING_VARIABLES = [
  "RETRAINING_WEBHOOK_URL",
  "RETRAINING_WEBHOOK_KEY",
  "SAGEMAKER_PIPELINE_NAME",
  "SAGEMAKER_PIPELINE_PARAMETERS",
  "AWS_REGION",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_ENDPOINT_URL_SAGEMAKER",
] as const;

/** Their values, of `readConfig(RETRAINING_VARIABLES)`. */
export type RetrainingConfig = ReturnType<typeof readConfig<(typeof RETRAINING_VARIABLES)[number]>>;

/** A decision to train models again, as the receiver is told of it. */
export interface RetrainingDecision {
  /** The same for every call of this decision: 1 to 128 ASCII characters. */
  readonly key: string;
  /** Moment it is about, ISO 8601 in UTC. */
  readonly asOf: string;
  /** Which thresholds were crossed, in words. */
  readonly reasons: readonly string[];
  /** Names of these criteria: drift, fleet_drift, prediction_error, interval_coverage, model_age. */
  readonly criteria: readonly string[];
  /** Each criterion by name: verdict, value, threshold, details. */
  readonly evidence: unknown;
  /** The models in use: purpose, name, version, dataset, trained_at. */
  readonly models: readonly unknown[];
}

/** What starts a training. */
export interface RetrainingHook {
  readonly receiver: "webhook" | "sagemaker";
  /** Calls it. Does not throw: every failure is an outcome. */
  call(decision: RetrainingDecision): Promise<SendOutcome>;
}

/** Calls by what became of them. */
export interface HookCounts {
  readonly called: number;
  /** Failed, and will be tried again by a later run. */
  readonly failed: number;
  /** Refused, or tried as often as is tried. */
  readonly dead: number;
}

/** How long a receiver may take, unless told. */
const TIMEOUT_MS = 10_000;

/** How long a worker has a call to itself: longer than a receiver may take, by far. */
const LEASE_S = 60;

/** How often a hook is called for one decision: with the waits below these are about two days. */
const MOST_ATTEMPTS = 8;

/** Backoff: full jitter below 30 min, 1 h, 2 h, … 24 h. The hourly run that comes next calls again. */
const FIRST_DELAY_MS = 30 * 60_000;
const LONGEST_DELAY_MS = 24 * 60 * 60_000;

function webhook(url: string, key: string | undefined, timeoutMs: number): RetrainingHook {
  return {
    receiver: "webhook",
    async call({ key: idempotencyKey, asOf, reasons, criteria, evidence, models }) {
      const request = new Request(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "idempotency-key": idempotencyKey,
          ...key === undefined ? {} : { authorization: `Bearer ${key}` },
        },
        body: JSON.stringify({ as_of: asOf, reasons, criteria, evidence, models }),
      });
      const code = /"(?:code|error|type)"\s*:\s*"([\w.-]{1,60})"/;
      return await post(request, "decision", timeoutMs, code, /"id"\s*:\s*"([\w.:/-]{1,200})"/);
    },
  };
}

function sageMaker(pipeline: string, config: RetrainingConfig, timeoutMs: number): RetrainingHook {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = config;
  const region = config.AWS_REGION ?? (pipeline.startsWith("arn:") ? pipeline.split(":")[3] : undefined);
  if (accessKeyId === undefined || secretAccessKey === undefined || region === undefined) {
    throw new ConfigError(
      "Cannot start SageMaker pipelines as AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set " +
        "beside SAGEMAKER_PIPELINE_NAME",
    );
  }
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const url = config.AWS_ENDPOINT_URL_SAGEMAKER ?? `https://api.sagemaker.${region}.${domain}/`;
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    sessionToken: config.AWS_SESSION_TOKEN,
    service: "sagemaker",
    region,
  });
  return {
    receiver: "sagemaker",
    async call({ key, asOf, reasons, criteria }) {
      const values = { SpoolDecision: asOf, SpoolReasons: criteria.join(",") };
      const request = await client.sign(url, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": "SageMaker.StartPipelineExecution",
        },
        body: JSON.stringify({
          PipelineName: pipeline,
          ClientRequestToken: key, // 32 to 128 characters
          PipelineExecutionDisplayName: `spool-${asOf.replace(/\.\d+/, "").replaceAll(/[-:]/g, "")}`,
          PipelineExecutionDescription: reasons.join("; ").slice(0, 3072),
          PipelineParameters: config.SAGEMAKER_PIPELINE_PARAMETERS.map((name) => ({
            Name: name,
            Value: values[name],
          })),
        }),
      });
      const outcome = await post(
        request,
        "decision",
        timeoutMs,
        /"__type"\s*:\s*"(?:[\w.]+#)?([A-Za-z]{1,60})"/,
        /"PipelineExecutionArn"\s*:\s*"(arn:[\w:/.-]{1,2048})"/,
      );
      // with the same token it starts nothing twice, so to ask again is better than to believe whoever answered
      return outcome.outcome === "sent" && outcome.answer === undefined
        ? {
          outcome: "retry",
          error: `Cannot start the pipeline as ${
            new URL(url).host
          } must answer with a PipelineExecutionArn: it did not`,
        }
        : outcome;
    },
  };
}

/**
 * The hook that the environment has an address for, if any.
 *
 * @param config What `readConfig(RETRAINING_VARIABLES)` gives.
 * @param options.timeoutMs How long the receiver may take; 10 s unless given.
 * @throws {ConfigError} There are two of them, or a pipeline without a region or a key to sign with.
 *
 * @example
 * ```ts
 * import { RETRAINING_VARIABLES, retrainingHook } from "./retraining_hook.ts";
 * import { readConfig } from "./config.ts";
 * import assert from "node:assert/strict";
 *
 * const config = readConfig(RETRAINING_VARIABLES, { RETRAINING_WEBHOOK_URL: "https://ci.example/hooks/train" });
 * assert.equal(retrainingHook(config)?.receiver, "webhook");
 * assert.equal(retrainingHook(readConfig(RETRAINING_VARIABLES, {})), undefined);
 * ```
 */
export function retrainingHook(
  config: RetrainingConfig,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): RetrainingHook | undefined {
  const { RETRAINING_WEBHOOK_URL: url, SAGEMAKER_PIPELINE_NAME: pipeline } = config;
  if (url !== undefined && pipeline !== undefined) {
    throw new ConfigError(
      "Cannot choose a hook of retraining as only one of RETRAINING_WEBHOOK_URL and SAGEMAKER_PIPELINE_NAME must be " +
        "set: both are, and each would start a training",
    );
  }
  if (url !== undefined) return webhook(url, config.RETRAINING_WEBHOOK_KEY, timeoutMs);
  if (pipeline !== undefined) return sageMaker(pipeline, config, timeoutMs);
  return undefined;
}

/** A decision that this worker has the lease of. */
interface Claim {
  readonly lease: string;
  /** As text: a Date would cut it to milliseconds. */
  readonly as_of: string;
  readonly attempts: number;
  readonly decision: RetrainingDecision;
}

/** The moment as SQL: what was given, else the database's clock, which all workers share. */
function time(sql: postgres.Sql, now: Date | undefined): postgres.PendingQuery<postgres.Row[]> {
  return now === undefined ? sql`clock_timestamp()` : sql`${now.toISOString()}::text::timestamptz`;
}

/**
 * Calls the hook for the decisions that wait for it, the oldest first: normally one, or none.
 *
 * A decision is leased to one worker, and the lease is committed before anything is sent; so two workers never call at
 * once. Where a worker dies between the call and the record of it, the call is repeated when the lease has ended, with
 * the same key: over a network nobody can do more than "at least once, and told apart by its key". SageMaker starts
 * nothing twice for one ClientRequestToken; a webhook has to look at Idempotency-Key.
 *
 * Without a hook nothing is done, and decisions stay as they are: a hook that is configured later is called for the
 * newest one.
 *
 * @param options.now The moment; the database's clock unless given.
 * @throws When the database fails. What was called then is called again later, with the same key.
 */
export async function callRetrainingHook(
  sql: postgres.Sql,
  hook: RetrainingHook | undefined,
  { now }: { readonly now?: Date } = {},
): Promise<HookCounts | { readonly hook: "not configured" }> {
  if (hook === undefined) return { hook: "not configured" };
  const counts = { called: 0, failed: 0, dead: await buryAbandoned(sql, now) };
  for (;;) {
    const claim = await claimNext(sql, hook, now);
    if (claim === undefined) break;
    const state = await settle(sql, claim, await hook.call(claim.decision), now);
    if (state !== undefined) counts[state]++;
  }
  await sql`select public.observe_retraining_hook(${time(sql, now)})`;
  return counts;
}

/** Gives up decisions whose callers have died each time. */
async function buryAbandoned(sql: postgres.Sql, now: Date | undefined): Promise<number> {
  const { count } = await sql`
    update public.retraining_decisions
    set
      hook_state = 'dead',
      hook_error = coalesce(hook_error || '; then its', 'Its') || ' caller ended while it was at it',
      hook_lease = null,
      hook_leased_until = null
    where hook_state in ('due', 'failed')
      and hook_leased_until <= ${time(sql, now)}
      and hook_attempts >= ${MOST_ATTEMPTS}`;
  return count;
}

async function claimNext(
  sql: postgres.Sql,
  hook: RetrainingHook,
  now: Date | undefined,
): Promise<Claim | undefined> {
  const lease = crypto.randomUUID();
  const [row] = await sql`
    update public.retraining_decisions as decision
    set
      hook_attempts = decision.hook_attempts + 1,
      hook_receiver = ${hook.receiver},
      hook_lease = ${lease},
      hook_leased_until = ${time(sql, now)} + ${LEASE_S} * interval '1 second'
    from (
      select due.as_of
      from public.retraining_decisions as due
      where due.hook_state in ('due', 'failed')
        and coalesce(due.hook_next_at <= ${time(sql, now)}, true)
        and coalesce(due.hook_leased_until <= ${time(sql, now)}, true)
      order by due.as_of
      limit 1
      for update of due skip locked
    ) as next
    where decision.as_of = next.as_of
    returning
      decision.as_of::text,
      to_char(decision.as_of at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as moment,
      decision.hook_attempts, decision.hook_key, decision.reasons, decision.criteria, decision.evidence,
      (
        select coalesce(jsonb_agg(
          jsonb_build_object(
            'purpose', models.purpose, 'name', models.name, 'version', models.version, 'dataset', models.dataset,
            'trained_at', models.trained_at
          )
          order by models.purpose, models.name
        ), '[]')
        from public.models
        where models.active
      ) as models`;
  if (row === undefined) return undefined;
  return {
    lease,
    as_of: row.as_of,
    attempts: row.hook_attempts,
    decision: {
      key: `spool-retraining-${row.hook_key}`,
      asOf: row.moment,
      reasons: row.reasons,
      criteria: row.criteria,
      evidence: row.evidence,
      models: row.models,
    },
  };
}

/**
 * Writes down what became of a call.
 *
 * @returns What to count it as; undefined when another worker has taken it over meanwhile, whose word counts then.
 */
async function settle(
  sql: postgres.Sql,
  claim: Claim,
  result: SendOutcome,
  now: Date | undefined,
): Promise<keyof HookCounts | undefined> {
  if (result.outcome === "sent") {
    // also when the lease is over: it has been accepted, and need not be called again
    await sql`
      update public.retraining_decisions
      set
        hook_state = 'called',
        hook_called_at = ${time(sql, now)},
        hook_answer = ${result.answer ?? null},
        hook_note = null,
        hook_error = null,
        hook_next_at = null,
        hook_lease = null,
        hook_leased_until = null
      where as_of = ${claim.as_of}::text::timestamptz and hook_state <> 'called'`;
    return "called";
  }
  const state = result.outcome === "refused" || claim.attempts >= MOST_ATTEMPTS ? "dead" : "failed";
  const retryAfterMs = result.outcome === "retry" ? result.retryAfterMs ?? 0 : 0;
  const delayMs = Math.round(
    Math.max(fullJitter(claim.attempts, FIRST_DELAY_MS, LONGEST_DELAY_MS), retryAfterMs),
  );
  // while it was called, a newer decision may have been made: that takes the place of one that is to be called again, but
  // not of one that is under way
  const [settled] = await sql<{ superseded: boolean }[]>`
    update public.retraining_decisions as decision
    set
      hook_state = case when newer.superseded then 'not_needed' else ${state} end,
      hook_note = case when newer.superseded then 'a newer decision takes its place' end,
      hook_error = ${result.error},
      hook_next_at = case when not newer.superseded then
        ${state === "dead" ? null : delayMs}::double precision * interval '1 millisecond' + ${time(sql, now)}
      end,
      hook_lease = null,
      hook_leased_until = null
    from (
      select ${state} = 'failed' and exists (
        select from public.retraining_decisions as later
        where later.as_of > ${claim.as_of}::text::timestamptz
          and (later.hook_state in ('due', 'failed', 'called') or not later.retrain)
      ) as superseded
    ) as newer
    where decision.as_of = ${claim.as_of}::text::timestamptz and decision.hook_lease = ${claim.lease}
    returning newer.superseded`;
  return settled === undefined ? undefined : state;
}
