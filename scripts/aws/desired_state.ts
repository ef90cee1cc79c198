/** What should exist in the AWS account: the one description that both the API calls and the template come from. */

import type { Properties, Resource, Value } from "./intrinsics.ts";
import { FIREHOSE_OBJECTS, LIFECYCLE_RULES } from "./lake.ts";
import { firehosePolicy, firehoseTrust, pipelinePolicy } from "./policies.ts";

/** What a user decides. */
export interface Settings {
  /** What everything is named from. */
  readonly name: string;
  /** Shards of a provisioned stream; on demand where not given. */
  readonly shards?: number;
}

/** A value that is given when the resources are made. */
export interface Parameter {
  readonly Type: "String";
  readonly Description: string;
  /** Never shown again by CloudFormation. */
  readonly NoEcho?: true;
  readonly AllowedPattern?: string;
  readonly MinLength?: number;
  readonly MaxLength?: number;
}

/** What should exist. */
export interface DesiredState {
  readonly parameters: { readonly EndpointUrl: Parameter; readonly AccessKey: Parameter };
  /** In the order in which they are made: nothing refers to a later one. */
  readonly resources: readonly Resource[];
  /** Environment variables that point Spool to them. */
  readonly environment: Readonly<Record<string, Value>>;
}

/** What a key may look like in the header that Firehose sends it in; the function wants 16 characters. */
const ACCESS_KEY = { MinLength: 16, MaxLength: 4096 };

/** h, the least there is, which costs nothing. Firehose's copy in the bucket is what a longer outage is replayed from. */
const RETENTION_HOURS = 24;

/** Sent as soon as anything is there: a reading must be in Postgres within seconds. */
const DELIVERY_BUFFER = { SizeInMBs: 1, IntervalInSeconds: 0 };

/** Larger and rarer than deliveries, as every object is a request that is paid for. */
const COPY_BUFFER = { SizeInMBs: 64, IntervalInSeconds: 300 };

/** s, the longest that Firehose goes on trying; after that a record lies under failed/ in the bucket. */
const RETRY_SECONDS = 7200;

/** Days that delivery errors can be looked at. */
const LOG_DAYS = 30;

const LOG_STREAMS = { delivery: "HttpEndpointDelivery", copy: "BackupDelivery" };

function logging(stream: string): Value {
  return { Enabled: true, LogGroupName: { Ref: "LogGroup" }, LogStreamName: stream };
}

function stream(name: string, shards: number | undefined): Properties {
  return {
    Name: name,
    RetentionPeriodHours: RETENTION_HOURS,
    StreamModeDetails: { StreamMode: shards === undefined ? "ON_DEMAND" : "PROVISIONED" },
    ...(shards === undefined ? {} : { ShardCount: shards }),
    // AWS's own key for Kinesis: its key policy lets in whoever may use the stream, and nobody has to be granted it
    StreamEncryption: { EncryptionType: "KMS", KeyId: "alias/aws/kinesis" },
  };
}

function lake(name: string): Properties {
  return {
    // bucket names are global; with the account's number in it nobody else is likely to have this one
    BucketName: { "Fn::Sub": `${name}-lake-\${AWS::AccountId}-\${AWS::Region}` },
    OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
    },
    // files of the lake are overwritten when a day is exported again, and a bad export must be recoverable
    VersioningConfiguration: { Status: "Enabled" },
    LifecycleConfiguration: { Rules: LIFECYCLE_RULES as Value[] },
  };
}

function deliveryStream(name: string): Properties {
  const role: Value = { "Fn::GetAtt": ["FirehoseRole", "Arn"] };
  return {
    DeliveryStreamName: name,
    DeliveryStreamType: "KinesisStreamAsSource",
    KinesisStreamSourceConfiguration: {
      KinesisStreamARN: { "Fn::GetAtt": ["Stream", "Arn"] },
      RoleARN: role,
    },
    HttpEndpointDestinationConfiguration: {
      EndpointConfiguration: { Name: "Spool", Url: { Ref: "EndpointUrl" }, AccessKey: { Ref: "AccessKey" } },
      RequestConfiguration: { ContentEncoding: "GZIP" },
      ProcessingConfiguration: { Enabled: false },
      BufferingHints: DELIVERY_BUFFER,
      RetryOptions: { DurationInSeconds: RETRY_SECONDS },
      RoleARN: role,
      CloudWatchLoggingOptions: logging(LOG_STREAMS.delivery),
      S3BackupMode: "AllData",
      S3Configuration: {
        BucketARN: { "Fn::GetAtt": ["Lake", "Arn"] },
        RoleARN: role,
        Prefix: FIREHOSE_OBJECTS.delivered,
        ErrorOutputPrefix: FIREHOSE_OBJECTS.failed,
        BufferingHints: COPY_BUFFER,
        CompressionFormat: "GZIP",
        CloudWatchLoggingOptions: logging(LOG_STREAMS.copy),
      },
    },
  };
}

/**
 * What should exist for a name.
 *
 * @example
 * ```ts
 * import { desiredState } from "./desired_state.ts";
 * import assert from "node:assert/strict";
 *
 * const { resources } = desiredState({ name: "spool", shards: 2 });
 * assert.equal(resources[0].properties.ShardCount, 2);
 * ```
 */
export function desiredState({ name, shards }: Settings): DesiredState {
  // says whose it is: what lacks it was made by somebody else, and is left alone
  const Tags: Value = [{ Key: "spool", Value: name }];
  return {
    parameters: {
      EndpointUrl: {
        Type: "String",
        Description: "Address of the function kinesis, such as https://REF.supabase.co/functions/v1/kinesis",
        AllowedPattern: "https://.+",
        MaxLength: 1000,
      },
      AccessKey: {
        Type: "String",
        Description: "Access key that Firehose sends; one of the function's KINESIS_ACCESS_KEYS",
        NoEcho: true,
        ...ACCESS_KEY,
      },
    },
    resources: [
      { id: "Stream", type: "AWS::Kinesis::Stream", properties: { ...stream(name, shards), Tags } },
      { id: "Lake", type: "AWS::S3::Bucket", properties: { ...lake(name), Tags } },
      { id: "Alerts", type: "AWS::SNS::Topic", properties: { TopicName: `${name}-alerts`, Tags } },
      {
        id: "LogGroup",
        type: "AWS::Logs::LogGroup",
        properties: { LogGroupName: `/aws/kinesisfirehose/${name}`, RetentionInDays: LOG_DAYS, Tags },
      },
      ...Object.entries(LOG_STREAMS).map(([use, LogStreamName]): Resource => ({
        id: use === "delivery" ? "DeliveryLog" : "CopyLog",
        type: "AWS::Logs::LogStream",
        properties: { LogGroupName: { Ref: "LogGroup" }, LogStreamName },
      })),
      {
        id: "FirehoseRole",
        type: "AWS::IAM::Role",
        properties: {
          // names of roles are the account's, not the region's
          RoleName: { "Fn::Sub": `${name}-firehose-\${AWS::Region}` },
          Description: "Lets Firehose read the stream, call Spool and keep a copy in the lake",
          AssumeRolePolicyDocument: firehoseTrust(),
          ManagedPolicyArns: [],
          Policies: [{
            PolicyName: "deliver",
            PolicyDocument: firehosePolicy(Object.values(LOG_STREAMS)),
          }],
          Tags,
        },
      },
      {
        id: "DeliveryStream",
        type: "AWS::KinesisFirehose::DeliveryStream",
        properties: { ...deliveryStream(name), Tags },
      },
      {
        id: "PipelinePolicy",
        type: "AWS::IAM::ManagedPolicy",
        properties: {
          ManagedPolicyName: { "Fn::Sub": `${name}-pipeline-\${AWS::Region}` },
          // CloudFormation gives managed policies no tags; a description cannot be changed, and says it instead
          Description: `What the pipeline ${name} of Spool needs`,
          PolicyDocument: pipelinePolicy(),
        },
      },
    ],
    environment: {
      AWS_REGION: { Ref: "AWS::Region" },
      KINESIS_STREAM: { Ref: "Stream" },
      LAKE_URL: { "Fn::Sub": "s3://${Lake}" },
      ALERT_SNS_TOPIC_ARN: { Ref: "Alerts" },
    },
  };
}
