/** Firehose: delivery streams from a Kinesis stream to an HTTP endpoint, with the limits of the API reference. */

import { z } from "zod";
import { operation, Refusal, type Service } from "./exchange.ts";
import { type Iam, tags } from "./iam.ts";

const streamName = z.string().regex(/^[a-zA-Z0-9_.-]{1,64}$/);
const roleArn = z.string().max(512).regex(/^arn:aws:iam::\d{12}:role\/[a-zA-Z_0-9+=,.@\-_/]+$/);
const logging = z.strictObject({
  Enabled: z.boolean().optional(),
  LogGroupName: z.string().max(512).optional(),
  LogStreamName: z.string().max(512).optional(),
});

const s3 = z.strictObject({
  RoleARN: roleArn,
  BucketARN: z.string().max(2048).regex(/^arn:aws:s3:::[a-z0-9.-]{1,255}$/),
  Prefix: z.string().max(1024).optional(),
  ErrorOutputPrefix: z.string().max(1024).optional(),
  BufferingHints: z.strictObject({
    SizeInMBs: z.int().min(1).max(128),
    IntervalInSeconds: z.int().min(0).max(900),
  }).optional(),
  CompressionFormat: z.enum(["UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"]).optional(),
  CloudWatchLoggingOptions: logging.optional(),
}).refine(
  ({ Prefix = "", ErrorOutputPrefix = "" }) =>
    !Prefix.includes("!{") || ErrorOutputPrefix.includes("!{firehose:error-output-type}"),
  "a Prefix with expressions needs an ErrorOutputPrefix with !{firehose:error-output-type}",
).refine(
  ({ Prefix = "" }) => [...Prefix.matchAll(/!\{([^}]*)\}/g)].every(([, one]) => one.startsWith("timestamp:")),
  "a Prefix may hold timestamps only, without dynamic partitioning",
);

const destination = {
  EndpointConfiguration: z.strictObject({
    Url: z.string().max(1000).regex(/^https:\/\/.+$/),
    Name: z.string().min(1).max(256).regex(/^(?!\s*$).+/).optional(),
    AccessKey: z.string().max(4096).optional(),
  }),
  BufferingHints: z.strictObject({
    SizeInMBs: z.int().min(1).max(64),
    IntervalInSeconds: z.int().min(0).max(900),
  }).optional(),
  CloudWatchLoggingOptions: logging.optional(),
  RequestConfiguration: z.strictObject({ ContentEncoding: z.enum(["NONE", "GZIP"]).optional() }).optional(),
  ProcessingConfiguration: z.strictObject({ Enabled: z.boolean() }).optional(),
  RoleARN: roleArn.optional(),
  RetryOptions: z.strictObject({ DurationInSeconds: z.int().min(0).max(7200) }).optional(),
  S3BackupMode: z.enum(["FailedDataOnly", "AllData"]).optional(),
};

interface Delivery {
  readonly type: string;
  readonly source: { KinesisStreamARN: string; RoleARN: string };
  // deno-lint-ignore no-explicit-any -- as it was checked when it came
  destination: any;
  readonly tags: Map<string, string>;
  version: number;
  status: string;
  /** How often it is still shown as under way. */
  busy: number;
  failure?: { Type: string; Details: string };
}

/** The delivery streams of an account. */
export class Firehose {
  readonly streams = new Map<string, Delivery>();
  /** Why the next one cannot be made, which Firehose says in its status. */
  nextFailure: { Type: string; Details: string } | undefined;

  constructor(
    private readonly account: string,
    private readonly region: string,
    private readonly iam: Iam,
    private readonly streamExists: (arn: string) => Promise<boolean>,
  ) {}

  #stream(name: string): Delivery {
    const stream = this.streams.get(name);
    if (stream === undefined) {
      throw new Refusal(
        "ResourceNotFoundException",
        `Firehose ${name} under account ${this.account} not found.`,
      );
    }
    return stream;
  }

  /** What Firehose tries with the role before it takes it. */
  #checkRole(RoleARN: string, streamArn: string, bucketArn: string): void {
    if (!this.iam.assume(RoleARN, "firehose.amazonaws.com")) {
      throw new Refusal(
        "InvalidArgumentException",
        `Firehose is unable to assume role ${RoleARN}. Please check the role provided.`,
      );
    }
    const objects = `${bucketArn}/streaming/kinesis-firehose/year=2026/object`;
    for (
      const [action, resource] of [
        ["kinesis:DescribeStream", streamArn],
        ["kinesis:GetShardIterator", streamArn],
        ["kinesis:GetRecords", streamArn],
        ["kinesis:ListShards", streamArn],
        ["s3:GetBucketLocation", bucketArn],
        ["s3:ListBucket", bucketArn],
        ["s3:ListBucketMultipartUploads", bucketArn],
        ["s3:AbortMultipartUpload", objects],
        ["s3:GetObject", objects],
        ["s3:PutObject", objects],
      ]
    ) {
      if (!this.iam.allows(RoleARN, action, resource)) {
        throw new Refusal(
          "InvalidArgumentException",
          `Role ${RoleARN} is not authorized to perform: ${action} on resource ${resource}.`,
        );
      }
    }
  }

  readonly service: Service = {
    CreateDeliveryStream: operation(
      z.strictObject({
        DeliveryStreamName: streamName,
        DeliveryStreamType: z.literal("KinesisStreamAsSource"),
        KinesisStreamSourceConfiguration: z.strictObject({
          KinesisStreamARN: z.string().regex(/^arn:aws:kinesis:[a-z0-9-]+:\d{12}:stream\/[a-zA-Z0-9_.-]+$/),
          RoleARN: roleArn,
        }),
        HttpEndpointDestinationConfiguration: z.strictObject({ ...destination, S3Configuration: s3 }),
        Tags: tags.min(1).optional(),
      }),
      async ({ DeliveryStreamName, DeliveryStreamType, KinesisStreamSourceConfiguration, ...rest }) => {
        if (this.streams.has(DeliveryStreamName)) {
          throw new Refusal("ResourceInUseException", `Firehose ${DeliveryStreamName} already exists.`);
        }
        const { KinesisStreamARN, RoleARN } = KinesisStreamSourceConfiguration;
        if (!await this.streamExists(KinesisStreamARN)) {
          throw new Refusal("ResourceNotFoundException", `Stream ${KinesisStreamARN} not found.`);
        }
        const { S3Configuration, ...http } = rest.HttpEndpointDestinationConfiguration;
        this.#checkRole(RoleARN, KinesisStreamARN, S3Configuration.BucketARN);
        this.streams.set(DeliveryStreamName, {
          type: DeliveryStreamType,
          source: KinesisStreamSourceConfiguration,
          destination: { ...http, S3Configuration },
          tags: new Map(rest.Tags?.map(({ Key, Value }) => [Key, Value])),
          version: 1,
          status: this.nextFailure === undefined ? "ACTIVE" : "CREATING_FAILED",
          busy: 1,
          failure: this.nextFailure,
        });
        this.nextFailure = undefined;
        return {
          DeliveryStreamARN:
            `arn:aws:firehose:${this.region}:${this.account}:deliverystream/${DeliveryStreamName}`,
        };
      },
    ),
    DescribeDeliveryStream: operation(
      z.strictObject({ DeliveryStreamName: streamName }),
      ({ DeliveryStreamName }) => {
        const stream = this.#stream(DeliveryStreamName);
        const { S3Configuration, EndpointConfiguration: { Url, Name }, ...http } = stream.destination;
        const status = stream.busy-- > 0
          ? stream.status === "DELETING" ? "DELETING" : "CREATING"
          : stream.status;
        if (status === "DELETING" && stream.busy < 0) this.streams.delete(DeliveryStreamName);
        return {
          DeliveryStreamDescription: {
            DeliveryStreamName,
            DeliveryStreamARN:
              `arn:aws:firehose:${this.region}:${this.account}:deliverystream/${DeliveryStreamName}`,
            DeliveryStreamStatus: status,
            DeliveryStreamType: stream.type,
            FailureDescription: stream.failure,
            VersionId: String(stream.version),
            HasMoreDestinations: false,
            Source: {
              KinesisStreamSourceDescription: { ...stream.source, DeliveryStartTimestamp: 1795392000 },
            },
            Destinations: [{
              DestinationId: "destinationId-000000000001",
              // never the access key; and what was left to Firehose is there with its default
              HttpEndpointDestinationDescription: {
                ...http,
                EndpointConfiguration: { Url, Name },
                RequestConfiguration: { CommonAttributes: [], ...http.RequestConfiguration },
                S3DestinationDescription: {
                  EncryptionConfiguration: { NoEncryptionConfig: "NoEncryption" },
                  ...S3Configuration,
                },
              },
            }],
          },
        };
      },
    ),
    ListTagsForDeliveryStream: operation(
      z.strictObject({ DeliveryStreamName: streamName }),
      ({ DeliveryStreamName }) => ({
        Tags: [...this.#stream(DeliveryStreamName).tags].map(([Key, Value]) => ({ Key, Value })),
        HasMoreTags: false,
      }),
    ),
    UpdateDestination: operation(
      z.strictObject({
        DeliveryStreamName: streamName,
        CurrentDeliveryStreamVersionId: z.string().regex(/^[0-9]{1,50}$/),
        DestinationId: z.string().regex(/^[a-zA-Z0-9-]{1,100}$/),
        HttpEndpointDestinationUpdate: z.strictObject({ ...destination, S3Update: s3 }),
      }),
      ({ DeliveryStreamName, CurrentDeliveryStreamVersionId, HttpEndpointDestinationUpdate }) => {
        const stream = this.#stream(DeliveryStreamName);
        if (stream.busy > 0) throw new Refusal("ResourceInUseException", "The Firehose is not ACTIVE");
        if (CurrentDeliveryStreamVersionId !== String(stream.version)) {
          throw new Refusal("ConcurrentModificationException", "Another modification has already happened.");
        }
        const { S3Update, ...http } = HttpEndpointDestinationUpdate;
        stream.destination = { ...http, S3Configuration: S3Update };
        stream.version++;
        return {};
      },
    ),
    DeleteDeliveryStream: operation(
      z.strictObject({ DeliveryStreamName: streamName }),
      ({ DeliveryStreamName }) => {
        const stream = this.#stream(DeliveryStreamName);
        stream.status = "DELETING";
        stream.busy = 1;
        return {};
      },
    ),
  };
}
