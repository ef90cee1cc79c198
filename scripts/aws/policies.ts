/** Who may do what: the policy documents, with least rights. Texts in `${…}` are references as Fn::Sub takes them. */

import { FIREHOSE_PREFIX, WRITTEN_PREFIXES } from "./lake.ts";
import type { Value } from "./intrinsics.ts";

const sub = (text: string): Value => ({ "Fn::Sub": text });

function document(...Statement: Value[]): Value {
  return { Version: "2012-10-17", Statement };
}

/** Only Firehose, and only for this account: the external ID is what Firehose sends, the account it works for. */
export function firehoseTrust(): Value {
  return document({
    Sid: "FirehoseOfThisAccount",
    Effect: "Allow",
    Principal: { Service: "firehose.amazonaws.com" },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "sts:ExternalId": { Ref: "AWS::AccountId" } } },
  });
}

/** What the delivery stream needs: this stream, this prefix of this bucket, its own two log streams. */
export function firehosePolicy(logStreams: readonly string[]): Value {
  return document(
    {
      Sid: "ReadTheStream",
      Effect: "Allow",
      Action: [
        "kinesis:DescribeStream",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
      ],
      Resource: [{ "Fn::GetAtt": ["Stream", "Arn"] }],
    },
    {
      Sid: "FindTheBucket",
      Effect: "Allow",
      Action: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
      Resource: [{ "Fn::GetAtt": ["Lake", "Arn"] }],
    },
    {
      Sid: "WriteTheCopies",
      Effect: "Allow",
      Action: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
      Resource: [sub(`\${Lake.Arn}/${FIREHOSE_PREFIX}*`)],
    },
    {
      Sid: "LogFailures",
      Effect: "Allow",
      Action: ["logs:PutLogEvents"],
      Resource: logStreams.map((stream) =>
        sub(
          `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:\${LogGroup}:log-stream:${stream}`,
        )
      ),
    },
  );
}

/**
 * What Spool itself needs, for whoever runs simulate, deliver and export and for the worker. It deletes nothing:
 * lifecycle rules do.
 */
export function pipelinePolicy(): Value {
  return document(
    {
      Sid: "SendAndReadReadings",
      Effect: "Allow",
      Action: [
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
        "kinesis:PutRecords",
      ],
      Resource: [{ "Fn::GetAtt": ["Stream", "Arn"] }],
    },
    {
      Sid: "WriteTheLake",
      Effect: "Allow",
      Action: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
      Resource: WRITTEN_PREFIXES.map((prefix) => sub(`\${Lake.Arn}/${prefix}*`)),
    },
    {
      Sid: "ReadTheCopiesOfFirehose",
      Effect: "Allow",
      Action: ["s3:GetObject"],
      Resource: [sub(`\${Lake.Arn}/${FIREHOSE_PREFIX}*`)],
    },
    {
      Sid: "ListTheLake",
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: [{ "Fn::GetAtt": ["Lake", "Arn"] }],
      Condition: {
        StringLike: { "s3:prefix": [...WRITTEN_PREFIXES, FIREHOSE_PREFIX].map((prefix) => `${prefix}*`) },
      },
    },
    {
      Sid: "PublishAlerts",
      Effect: "Allow",
      Action: ["sns:Publish"],
      Resource: [{ Ref: "Alerts" }],
    },
  );
}
