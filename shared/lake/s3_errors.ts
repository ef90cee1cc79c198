/** What S3 refuses, and what to do about it. */

import { LakeError } from "./lake.ts";

/** An answer that is no success, or none at all. */
export class S3Failure extends Error {
  override readonly name = "S3Failure";

  /**
   * @param message What happened, on one line.
   * @param status HTTP status; 0 when there was no answer.
   * @param code S3's name for it; empty where it gives none.
   * @param region Region of the bucket, where S3 says so.
   */
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly region?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same request may succeed later. */
  get transient(): boolean {
    return this.status === 0 || this.status >= 500 || [307, 408, 409, 429].includes(this.status) ||
      PASSING.has(this.code);
  }
}

/** Codes that come with 400 or 200, and that are about this one request: nothing is wrong with the next. */
const PASSING = new Set([
  "BadDigest", // the body was damaged on its way
  "IncompleteBody",
  "InternalError",
  "OperationAborted",
  "RequestTimeout",
  "ServiceUnavailable",
  "SlowDown",
  "XAmzContentChecksumMismatch",
  "XAmzContentSHA256Mismatch",
]);

/** What must be in order, by the code that says that it is not. */
const MUST: Readonly<Record<string, string>> = {
  AccessDenied: "the key that signs must have the right to",
  AllAccessDisabled: "the account must be in order",
  EntityTooLarge: "it must be as small as the service takes",
  ExpiredToken: "AWS_SESSION_TOKEN must not have expired",
  InvalidAccessKeyId: "AWS_ACCESS_KEY_ID must be a key of the service",
  InvalidObjectState: "it must not be in an archive of S3 such as Glacier",
  InvalidToken: "AWS_SESSION_TOKEN must belong to AWS_ACCESS_KEY_ID",
  NoSuchBucket: "its bucket must exist",
  RequestTimeTooSkewed: "the clock of this machine must be right",
  SignatureDoesNotMatch: "AWS_SECRET_ACCESS_KEY must belong to AWS_ACCESS_KEY_ID",
  TokenRefreshRequired: "AWS_SESSION_TOKEN must not have expired",
};

const OTHER_REGION = new Set([
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
  "PermanentRedirect",
]);

/** Reads S3's answer about a failure. Of its text only the code is kept: the rest quotes keys and what was signed. */
export function failureOf(response: Response, body: string): S3Failure {
  const { status, headers } = response;
  const code = /<Code>([\w.]{1,100})<\/Code>/.exec(body)?.[1] ?? "";
  const region = headers.get("x-amz-bucket-region") ?? /<Region>([\w-]{1,40})<\/Region>/.exec(body)?.[1];
  return new S3Failure(`it answered ${`${status} ${code}`.trim()}`, status, code, region);
}

/** The failure as what was tried, and what must be in order for it. */
export function lakeErrorOf(failure: S3Failure, attempted: string, lake: string): LakeError {
  const { status, code, region, transient } = failure;
  let must = Object.hasOwn(MUST, code) ? MUST[code] : undefined;
  if (must === undefined && (OTHER_REGION.has(code) || status === 301)) {
    must = `AWS_REGION must be the region of its bucket${region === undefined ? "" : `, ${region}`}`;
  }
  must ??= status === 0 ? "it must be reachable" : "it must take the request";
  return new LakeError(`Cannot ${attempted} as ${must}: ${lake}: ${failure.message}`, transient, {
    cause: failure.cause,
  });
}
