/** Which failures of a request to Kinesis pass by themselves, and which need a person. */

/**
 * Names of errors after which the same request may succeed. Everything else that Kinesis answers with 4xx is about
 * the request, the stream or the rights: it would be refused again.
 */
const TRANSIENT = new Set([
  "InternalFailure",
  "InternalFailureException",
  "KMSThrottlingException",
  "LimitExceededException", // too many requests for the account at the moment
  "ProvisionedThroughputExceededException",
  "RequestTimeout",
  "RequestTimeoutException",
  "ResourceInUseException", // the stream is being created or changed
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

/** What fetch and the SDK's handler throw when there is no answer at all. */
const NO_ANSWER = new Set(["TypeError", "TimeoutError", "AbortError", "NetworkingError"]);

/** HTTP status of an error's answer; undefined where there was none. */
function statusOf(error: Error): number | undefined {
  const { $metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
  return $metadata?.httpStatusCode;
}

/**
 * Whether a failed request to Kinesis may succeed when it is sent again: throttling, a lost connection, a fault of
 * the service, a stream that is not ACTIVE yet. Missing or expired credentials, missing rights and a stream that
 * does not exist need a person.
 */
export function isTransientKinesisFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (TRANSIENT.has(error.name)) return true;
  const status = statusOf(error);
  if (status !== undefined && status >= 400) return status >= 500 || status === 408 || status === 429;
  // An answer that says 200 and is cut off in the middle has a status, too, and its parser's error a name of its own
  return NO_ANSWER.has(error.name) || status === 200 || error instanceof SyntaxError;
}

/** An error's name and message on one line, with its innermost cause: what is shown to people. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message === "Region is missing") {
    return "AWS_REGION must name the region of Kinesis: it is missing";
  }
  const text = error.name === "Error" || error.name === "TypeError"
    ? error.message
    : `${error.name}: ${error.message}`;
  let cause = error.cause;
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  const line = cause instanceof Error ? `${text}: ${cause.message}` : text;
  return line.replaceAll(/\s+/g, " ").trim();
}
