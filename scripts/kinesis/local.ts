/** A local Kinesis: kinesalite in this process, for `start --kinesis` and for tests. */

import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ResourceInUseException,
} from "@aws-sdk/client-kinesis";
import kinesalite from "kinesalite";
import { kinesisClient } from "./client.ts";

const HOST = "127.0.0.1";

/** A running local Kinesis. Its streams are in memory and end with it. */
export interface LocalKinesis extends AsyncDisposable {
  /** `http://127.0.0.1:4567`, for AWS_ENDPOINT_URL_KINESIS. */
  readonly endpoint: string;
  readonly client: KinesisClient;
  /** Creates a stream and waits until it is ACTIVE; one that exists already is left as it is. */
  createStream(name: string, shards: number): Promise<void>;
  stop(): Promise<void>;
}

/** What kinesalite wants of a caller that it does not know: anything. */
export const LOCAL_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" } as const;

/** Any region will do; the client only insists on one. */
export const LOCAL_REGION = "us-east-1";

/** Shards of all its streams together: kinesalite refuses more, as AWS does beyond an account's quota. */
const MOST_SHARDS = 100;

/** ms that creating, changing and deleting a stream take: seconds at AWS, and nobody learns from waiting here. */
const CHANGE_MS = 50;

/**
 * Starts one.
 *
 * It listens on this machine only. It keeps what is put until it ends, limits neither records nor bytes a second,
 * and takes requests up to 7 MiB, where AWS takes 10 MiB before base64.
 *
 * @param options.port Where to listen; any free port unless given.
 */
export async function startLocalKinesis(options: { readonly port?: number } = {}): Promise<LocalKinesis> {
  const server = kinesalite({
    createStreamMs: CHANGE_MS,
    deleteStreamMs: CHANGE_MS,
    updateStreamMs: CHANGE_MS,
    shardLimit: MOST_SHARDS,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, HOST, () => resolve());
  });
  const endpoint = `http://${HOST}:${server.address().port}`;
  const client = kinesisClient({ endpoint, region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS });
  let stopping: Promise<void> | undefined;
  const stop = () =>
    stopping ??= new Promise<void>((resolve, reject) => {
      client.destroy();
      server.close((error?: Error) => error ? reject(error) : resolve());
      server.closeAllConnections();
    });
  return {
    endpoint,
    client,
    async createStream(name, shards) {
      try {
        await client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
      } catch (error) {
        if (!(error instanceof ResourceInUseException)) throw error;
      }
      for (;;) {
        const { StreamDescriptionSummary: stream } = await client.send(
          new DescribeStreamSummaryCommand({ StreamName: name }),
        );
        if (stream?.StreamStatus === "ACTIVE") return;
        await new Promise((resolve) => setTimeout(resolve, CHANGE_MS / 5));
      }
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
