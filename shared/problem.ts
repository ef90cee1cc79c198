/** Errors over HTTP: problem details, RFC 9457, and the one list of the types that there are. */

/** What is true of every problem of a type. */
export interface ProblemKind {
  /** What kind of problem it is. */
  readonly title: string;
  /** HTTP statuses that it may come with; the first is the usual one. */
  readonly statuses: readonly number[];
  /** What whoever gets it should do. */
  readonly remedy: string;
  /** Headers that come with it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Members of the answer besides those that every problem has. */
  readonly members?: Readonly<Record<string, string>>;
}

/** Every type of problem, by name. Another type begins here: nothing else can be thrown. */
export const PROBLEM_KINDS = {
  "alert-not-open": {
    title: "The alert is not open",
    statuses: [409],
    remedy: "Nothing: it was acknowledged or resolved before. Read it with GET /quality/alerts?state=all",
  },
  "body-too-large": {
    title: "The body is too large",
    statuses: [413, 400],
    remedy:
      "Send it in parts. Firehose and Lambda are answered 400, as 413 would make Firehose drop the records",
  },
  "database-unavailable": {
    title: "The database is not available",
    statuses: [503],
    remedy: "Send the same request again after as many seconds as Retry-After says; repeating it is harmless",
    headers: { "Retry-After": "Seconds to wait" },
  },
  "dead-letter-not-open": {
    title: "The dead letter is not open",
    statuses: [409],
    remedy:
      "Nothing: it has been replayed, and what it became is stored. Read it with GET /quality/dead-letters?state=all",
  },
  "forbidden": {
    title: "The key does not allow this",
    statuses: [403],
    remedy:
      "Use a secret key, or the token of a user whose clearance (app_metadata.clearance) includes the data",
  },
  "internal-error": {
    title: "Internal error",
    statuses: [500],
    remedy: "Look into the function's log, which has all of the error; the same request may pass later",
  },
  "invalid-parameter": {
    title: "A parameter is not valid",
    statuses: [400],
    remedy: "Correct the parameter that detail names; it says what it may be",
  },
  "method-not-allowed": {
    title: "Method not allowed",
    statuses: [405],
    remedy: "Use a method that the header Allow names",
    headers: { Allow: "The methods that the path has" },
  },
  "not-found": {
    title: "Not found",
    statuses: [404],
    remedy: "Check the path and the name or id in it; detail says which of them is unknown",
  },
  "not-ready": {
    title: "The function cannot do its work now",
    statuses: [503],
    remedy:
      "Wait, or see to what reasons names: mostly the database is away, or its migrations are to be applied",
    headers: { "Retry-After": "Seconds to wait" },
    members: { reasons: "What is missing, one text each" },
  },
  "readings-rejected": {
    title: "Some readings are not valid",
    statuses: [422],
    remedy: "Correct the readings that errors names and send the batch again, or leave out strict=true",
    members: {
      rejected: "How many readings are not valid",
      errors: "The first 100 of them: index, path, message",
    },
  },
  "run-ended": {
    title: "The run has ended",
    statuses: [409],
    remedy:
      "Nothing: there is no more to cancel. GET /quality/pipelines/{pipeline}/runs/{id} says how it ended",
  },
  "run-not-ended": {
    title: "The task cannot be run again now",
    statuses: [409],
    remedy: "Wait until its run has ended, or cancel it; detail says what it waits for",
  },
  "unauthorized": {
    title: "A valid key is needed",
    statuses: [401],
    remedy: "Send a valid key or token: Authorization: Bearer KEY, or apikey: KEY",
    headers: { "WWW-Authenticate": "Bearer" },
  },
  "unreadable-body": {
    title: "The body cannot be read",
    statuses: [400],
    remedy: "Send a body of the documented form in UTF-8, gzip only with Content-Encoding: gzip",
  },
  "unreadable-delivery": {
    title: "The delivery cannot be read",
    statuses: [400],
    remedy:
      "Check what sends it: detail names the part of the envelope that is not as Firehose, EventBridge Pipes " +
      "or Lambda make it. Nothing was stored, and the sender keeps it",
  },
  "unsupported-content-type": {
    title: "The content type is not supported",
    statuses: [415],
    remedy: "Send one of the content types that detail names, in UTF-8",
  },
  "unsupported-encoding": {
    title: "The content encoding is not supported",
    statuses: [415],
    remedy: "Send the body as it is, or gzip with Content-Encoding: gzip",
  },
} as const satisfies Readonly<Record<string, ProblemKind>>;

export type ProblemType = keyof typeof PROBLEM_KINDS;

/** A type as it is answered, in the member `type`. */
export function problemUrn(type: ProblemType): string {
  return `urn:spool:problem:${type}`;
}

/** An error that the caller is to be told about, as `application/problem+json`. */
export class Problem<Type extends ProblemType = ProblemType> extends Error {
  override readonly name = "Problem";

  /**
   * @param status HTTP status; one of those that the type may come with.
   * @param detail What was wrong this time: "Cannot X as Y must be Z".
   * @param extension Further members of the answer.
   * @param headers Further headers of the answer.
   */
  constructor(
    readonly status: (typeof PROBLEM_KINDS)[Type]["statuses"][number],
    readonly type: Type,
    readonly detail: string,
    readonly extension: Readonly<Record<string, unknown>> = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  toResponse(): Response {
    const { type, status, detail, extension, headers } = this;
    const { title } = PROBLEM_KINDS[type];
    return new Response(
      JSON.stringify({ type: problemUrn(type), title, status, detail, ...extension }),
      { status, headers: { ...headers, "content-type": "application/problem+json" } },
    );
  }
}
