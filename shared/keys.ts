/** Keys of callers, compared in constant time. */

import { createHash, timingSafeEqual } from "node:crypto";

function digest(key: string): Uint8Array {
  return createHash("sha256").update(key).digest();
}

/**
 * A set of keys that answers in the same time whether a key is in it or not, and however much of it is right:
 * digests have one length, and all of them are compared.
 *
 * @example
 * ```ts
 * import { KeyRing } from "./keys.ts";
 * import assert from "node:assert/strict";
 *
 * const ring = new KeyRing(["key-of-the-test-bench"]);
 * assert.equal(ring.has("key-of-the-test-bench"), true);
 * assert.equal(ring.has("key-of-the-test-bencH"), false);
 * ```
 */
export class KeyRing {
  readonly #digests: readonly Uint8Array[];

  constructor(keys: Iterable<string>) {
    this.#digests = [...keys].map(digest);
  }

  has(key: string): boolean {
    const candidate = digest(key);
    let found = false;
    for (const known of this.#digests) found = timingSafeEqual(known, candidate) || found;
    return found;
  }
}

/**
 * The keys a request carries: `Authorization: Bearer KEY` and the header `apikey`. It may have both: supabase-js
 * always sends its own as `apikey`.
 */
export function requestKeys(headers: Headers): string[] {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "");
  return [headers.get("apikey"), bearer?.[1]].filter((key) => typeof key === "string");
}

/**
 * The keys a delivery carries: those of {@link requestKeys}, Firehose's own header, and `x-api-key`, which is what the
 * connections of EventBridge are mostly given.
 */
export function deliveryKeys(headers: Headers): string[] {
  const own = [headers.get("x-amz-firehose-access-key"), headers.get("x-api-key")];
  return [...requestKeys(headers), ...own.filter((key) => key !== null)];
}

/** The project's own secret keys, which may read and do everything. */
export function secretKeys(config: {
  readonly SUPABASE_SECRET_KEYS: Readonly<Record<string, string>>;
  readonly SUPABASE_SERVICE_ROLE_KEY?: string;
}): string[] {
  return [
    ...Object.values(config.SUPABASE_SECRET_KEYS),
    config.SUPABASE_SERVICE_ROLE_KEY ?? "",
  ].filter((key) => key !== ""); // an empty key would let in everybody who sends an empty header
}

/** The keys that may send readings: ingest keys, and the project's own secret keys. */
export function senderKeys(config: {
  readonly INGEST_KEYS: readonly string[];
  readonly SUPABASE_SECRET_KEYS: Readonly<Record<string, string>>;
  readonly SUPABASE_SERVICE_ROLE_KEY?: string;
}): string[] {
  return [...config.INGEST_KEYS.filter((key) => key !== ""), ...secretKeys(config)];
}

/** The keys that may deliver what a stream holds: access keys, and the project's own secret keys. */
export function accessKeys(config: {
  readonly KINESIS_ACCESS_KEYS: readonly string[];
  readonly SUPABASE_SECRET_KEYS: Readonly<Record<string, string>>;
  readonly SUPABASE_SERVICE_ROLE_KEY?: string;
}): string[] {
  return [...config.KINESIS_ACCESS_KEYS.filter((key) => key !== ""), ...secretKeys(config)];
}

/** A publishable key of the project: the one named default, else the first, else the older single one. */
export function publishableKey(config: {
  readonly SUPABASE_PUBLISHABLE_KEYS: Readonly<Record<string, string>>;
  readonly SUPABASE_ANON_KEY?: string;
}): string | undefined {
  const named = config.SUPABASE_PUBLISHABLE_KEYS;
  return named.default || Object.values(named)[0] || config.SUPABASE_ANON_KEY || undefined;
}

/** The keys that may wake the worker: its own, and the project's secret keys. */
export function workerKeys(config: {
  readonly WORKER_KEY?: string;
  readonly SUPABASE_SECRET_KEYS: Readonly<Record<string, string>>;
  readonly SUPABASE_SERVICE_ROLE_KEY?: string;
}): string[] {
  return [
    config.WORKER_KEY ?? "",
    ...Object.values(config.SUPABASE_SECRET_KEYS),
    config.SUPABASE_SERVICE_ROLE_KEY ?? "",
  ].filter((key) => key !== "");
}
