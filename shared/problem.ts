/** Errors over HTTP: problem details, RFC 9457. */

/** An error that the caller is to be told about, as `application/problem+json`. */
export class Problem extends Error {
  override readonly name = "Problem";

  /**
   * @param status HTTP status.
   * @param type Stable name of the kind of problem; answered as `urn:spool:problem:<type>`.
   * @param title What kind of problem it is, the same for all of its kind.
   * @param detail What was wrong this time: "Cannot X as Y must be Z".
   * @param extension Further members of the answer.
   * @param headers Further headers of the answer.
   */
  constructor(
    readonly status: number,
    readonly type: string,
    readonly title: string,
    readonly detail: string,
    readonly extension: Readonly<Record<string, unknown>> = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  toResponse(): Response {
    const { type, title, status, detail, extension, headers } = this;
    return new Response(
      JSON.stringify({ type: `urn:spool:problem:${type}`, title, status, detail, ...extension }),
      { status, headers: { ...headers, "content-type": "application/problem+json" } },
    );
  }
}
