/** What every AWS client of the scripts is made with. */

import { FetchHttpHandler } from "@smithy/fetch-http-handler";

/** ms without an answer, after which a request counts as failed; the SDK then tries again. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * Options for the constructor of an AWS SDK client. Region, credentials and endpoints (`AWS_REGION`,
 * `AWS_ENDPOINT_URL_KINESIS`, …) the SDK reads from the environment itself, as every AWS tool does.
 *
 * Over fetch: the HTTP/2 handler that the SDK takes for Kinesis by itself breaks under Deno.
 */
export function clientConfig(): { requestHandler: FetchHttpHandler } {
  return { requestHandler: new FetchHttpHandler({ requestTimeout: REQUEST_TIMEOUT_MS }) };
}
