/** The Kinesis client of the scripts. */

import { KinesisClient } from "@aws-sdk/client-kinesis";
import { clientConfig } from "../aws/client_config.ts";

/**
 * A client that tries each request once. Whoever uses it backs off itself, because it has to know of each failure
 * to keep the order of an engine's records; a second backoff inside the SDK would multiply with it.
 *
 * @param options.endpoint Where Kinesis is; the environment's `AWS_ENDPOINT_URL_KINESIS` unless given, else AWS.
 */
export function kinesisClient(
  options: ConstructorParameters<typeof KinesisClient>[0] = {},
): KinesisClient {
  return new KinesisClient({ ...clientConfig(), maxAttempts: 1, ...options });
}
