import assert from "node:assert/strict";
import { desiredState } from "../../../scripts/aws/desired_state.ts";
import { lookupIn, type Properties, resolve, type Value } from "../../../scripts/aws/intrinsics.ts";
import { template } from "../../../scripts/aws/template.ts";
import { ACCOUNT, REGION } from "../../support/aws/account.ts";
import { fromXml } from "../../support/aws/exchange.ts";
import { ACCESS_KEY, ENDPOINT_URL, withAccount } from "../../support/aws/session.ts";
import { templateFaults } from "./cloudformation.ts";

// deno-lint-ignore no-explicit-any -- a template is looked into at many depths
type Template = any;

const STATES = {
  "on demand": desiredState({ name: "spool" }),
  "4 shards": desiredState({ name: "spool", shards: 4 }),
};

/** The template as CloudFormation reads it: the text, parsed. */
function parsed(state = STATES["on demand"], url?: string): Template {
  return JSON.parse(JSON.stringify(template(state, url)));
}

for (const [name, state] of Object.entries(STATES)) {
  Deno.test(`the template has documented resources, properties and values only: ${name}`, () => {
    assert.deepEqual(templateFaults(parsed(state)), []);
  });
}

/** One thing wrong, and how it is found. */
const WRONG: [(template: Template) => unknown, string][] = [
  [({ Resources }) => Resources.Stream.Properties.RetentionHours = 24, "Stream.RetentionHours is unknown"],
  [
    ({ Resources }) => Resources.Lake.Properties.LifecycleConfiguration.Rules[0].ExpirationDays = 1,
    "Lake.LifecycleConfiguration.Rules[0].ExpirationDays is unknown",
  ],
  [
    ({ Resources }) => delete Resources.Lake.Properties.LifecycleConfiguration.Rules[0].Status,
    "Lake.LifecycleConfiguration.Rules[0].Status is missing",
  ],
  [
    ({ Resources }) => delete Resources.FirehoseRole.Properties.AssumeRolePolicyDocument,
    "FirehoseRole.AssumeRolePolicyDocument is missing",
  ],
  [
    ({ Resources }) => Resources.DeliveryStream.Properties.DeliveryStreamType = "KinesisAsSource",
    "DeliveryStream.DeliveryStreamType is KinesisAsSource",
  ],
  [({ Resources }) => Resources.LogGroup.Properties.RetentionInDays = 31, "LogGroup.RetentionInDays is 31"],
  [
    ({ Resources }) => Resources.Stream.Properties.RetentionPeriodHours = "24",
    "Stream.RetentionPeriodHours is no integer",
  ],
  [({ Resources }) => Resources.Alerts.Type = "AWS::SNS::Topics", "Alerts is a AWS::SNS::Topics"],
  [({ Resources }) => Resources.Lake.DeletePolicy = "Retain", "Lake.DeletePolicy is unknown"],
  [
    ({ Outputs }) => Outputs.LakeUrl.Value = { "Fn::Sub": "s3://${Bucket}" },
    "Bucket is nowhere",
  ],
  [
    ({ Outputs }) => Outputs.LakeUrl.Value = { "Fn::GetAtt": ["Lake", "Url"] },
    "Lake.Url is nowhere",
  ],
];

for (const [spoil, fault] of WRONG) {
  Deno.test(`a template with one thing wrong is found out: ${fault}`, () => {
    const spoiled = parsed();
    spoil(spoiled);
    assert.deepEqual(templateFaults(spoiled).slice(0, 1), [fault]);
  });
}

Deno.test("the access key is a parameter that is not echoed, and stands nowhere in the template", () => {
  const written = parsed(undefined, ENDPOINT_URL);
  assert.deepEqual(written.Parameters.AccessKey.NoEcho, true);
  assert.equal("Default" in written.Parameters.AccessKey, false);
  assert.equal(written.Parameters.EndpointUrl.Default, ENDPOINT_URL);
  assert.deepEqual(
    written.Resources.DeliveryStream.Properties.HttpEndpointDestinationConfiguration.EndpointConfiguration,
    { Name: "Spool", Url: { Ref: "EndpointUrl" }, AccessKey: { Ref: "AccessKey" } },
  );
});

Deno.test("a stack that is deleted leaves the lake", () => {
  const { Lake } = parsed().Resources;
  assert.equal(Lake.DeletionPolicy, "Retain");
  assert.equal(Lake.UpdateReplacePolicy, "Retain");
});

Deno.test("the outputs are the environment", () => {
  assert.deepEqual(
    Object.entries(parsed().Outputs).map(([name, { Description }]: Template) => [name, Description]),
    [
      ["AwsRegion", "AWS_REGION of Spool"],
      ["KinesisStream", "KINESIS_STREAM of Spool"],
      ["LakeUrl", "LAKE_URL of Spool"],
      ["AlertSnsTopicArn", "ALERT_SNS_TOPIC_ARN of Spool"],
    ],
  );
});

/** Where the API has another name for what the template sets. */
const OTHER_NAMES: Record<string, string> = {
  StreamName: "Name",
  logGroupName: "LogGroupName",
  logStreamName: "LogStreamName",
  retentionInDays: "RetentionInDays",
  Bucket: "BucketName",
  ID: "Id",
  "sns:Name": "TopicName",
  "iam:CreatePolicy:PolicyName": "ManagedPolicyName",
  "Expiration.Days": "ExpirationInDays",
  "Transition.Days": "TransitionInDays",
};

/** What the API wants and a template does not say: a stack has its region, a call names the policy's role. */
const CALLS_ONLY = ["LocationConstraint"];

/** Every value with the name of the member that holds it, as `Status=Enabled`. */
function* settings(
  value: unknown,
  rename: (path: string[]) => string,
  path: string[] = [],
): Iterable<string> {
  if (Array.isArray(value)) {
    for (const one of value) yield* settings(one, rename, path);
  } else if (typeof value === "object" && value !== null) {
    const { Key, Value } = value as Record<string, unknown>;
    if (Key !== undefined && Value !== undefined) yield `tag ${Key}=${Value}`;
    else for (const [name, one] of Object.entries(value)) yield* settings(one, rename, [...path, name]);
  } else if (path.at(-1)?.endsWith("PolicyDocument") && typeof value === "string") {
    yield* settings(JSON.parse(value), rename, path);
  } else if (path.at(-1) === "Prefix" && value === "") {
    // all of the bucket, which the template says by saying nothing
  } else {
    yield `${rename(path)}=${value}`;
  }
}

Deno.test("the template sets what the API calls set, all of it and nothing else", async () => {
  await withAccount(async ({ aws, setUp }) => {
    const state = desiredState({ name: "spool", shards: 4 });
    await setUp({ shards: 4 });
    const writes = aws.calls.filter(({ operation }) => /^(Create|Put|Start|Update)/.test(operation));
    const called = new Set(
      writes.flatMap(({ service, operation, input }) => {
        const named = (path: string[]) => {
          const last = path.at(-1)!;
          for (
            const key of [
              `${service}:${operation}:${last}`,
              `${service}:${last}`,
              path.slice(-2).join("."),
              last,
            ]
          ) {
            if (key in OTHER_NAMES) return OTHER_NAMES[key];
          }
          return last;
        };
        const { Tags, ...rest } = input;
        const tags = Tags === undefined ? {} : Array.isArray(Tags) ? { Tags } : {
          Tags: Object.entries(Tags as object).map(([Key, Value]) => ({ Key, Value })),
        };
        const groupTags = Object.entries((rest.tags ?? {}) as object).map(([Key, Value]) => ({ Key, Value }));
        return [...settings({ ...rest, ...tags, tags: groupTags }, named)];
      }).filter((one) => !CALLS_ONLY.includes(one.split("=")[0])),
    );

    const lookup = lookupIn(
      { partition: "aws", region: REGION, account: ACCOUNT },
      state.resources,
      { EndpointUrl: ENDPOINT_URL, AccessKey: ACCESS_KEY },
    );
    const { Resources } = parsed(state);
    const set = new Set(
      Object.values(Resources).flatMap((resource) => {
        const properties = resolve((resource as { Properties: Properties }).Properties, lookup);
        return [...settings(properties, (path) => path.at(-1)!)];
      }),
    );
    // a new stream keeps its readings that long by itself
    assert.ok(set.delete("RetentionPeriodHours=24"));
    assert.deepEqual([...called].toSorted(), [...set].toSorted());
  });
});

/** Every statement of every policy, with its references resolved. */
function statements(): { policy: string; statement: Record<string, Value> }[] {
  const state = STATES["on demand"];
  const lookup = lookupIn({ partition: "aws", region: REGION, account: ACCOUNT }, state.resources, {
    EndpointUrl: ENDPOINT_URL,
    AccessKey: ACCESS_KEY,
  });
  const found: { policy: string; statement: Record<string, Value> }[] = [];
  const search = (policy: string, value: Value) => {
    if (Array.isArray(value)) return value.forEach((one) => search(policy, one));
    if (typeof value !== "object") return;
    if ("Effect" in value) return void found.push({ policy, statement: value });
    Object.values(value).forEach((one) => search(policy, one));
  };
  for (const { id, properties } of state.resources) search(id, resolve(properties, lookup));
  return found;
}

Deno.test("no policy has a wildcard for actions, principals or whole resources", () => {
  const all = statements();
  assert.equal(all.length, 1 + 4 + 5);
  const objects = new RegExp(`^arn:aws:s3:::spool-lake-${ACCOUNT}-${REGION}/[a-z/-]+/\\*$`);
  for (const { statement } of all) {
    assert.equal(statement.Effect, "Allow");
    for (const action of [statement.Action].flat()) assert.match(String(action), /^[a-z0-9]+:[A-Za-z]+$/);
    for (const resource of [statement.Resource ?? []].flat().map(String)) {
      // objects cannot be listed one by one: below a prefix the wildcard is what names them
      if (resource.includes("*")) assert.match(resource, objects);
      else assert.match(resource, /^arn:aws:[a-z0-9]+:[a-z0-9-]*:(\d{12})?:[\w/:-]+$/);
    }
    assert.equal(JSON.stringify(statement.Principal ?? "").includes("*"), false);
  }
});

Deno.test("Firehose and the pipeline have these rights and no others", () => {
  const rights = (id: string) =>
    statements().filter(({ policy }) => policy === id).flatMap(({ statement }) =>
      [statement.Action].flat().flatMap((action) =>
        [statement.Resource ?? "itself"].flat().map((resource) =>
          `${action} ${
            String(resource).replaceAll(`-${ACCOUNT}-${REGION}`, "").split(":").slice(5).join(":")
          }`
        )
      )
    ).toSorted();
  const group = "log-group:/aws/kinesisfirehose/spool:log-stream:";
  assert.deepEqual(rights("FirehoseRole"), [
    "kinesis:DescribeStream stream/spool",
    "kinesis:GetRecords stream/spool",
    "kinesis:GetShardIterator stream/spool",
    "kinesis:ListShards stream/spool",
    `logs:PutLogEvents ${group}BackupDelivery`,
    `logs:PutLogEvents ${group}HttpEndpointDelivery`,
    "s3:AbortMultipartUpload spool-lake/streaming/kinesis-firehose/*",
    "s3:GetBucketLocation spool-lake",
    "s3:GetObject spool-lake/streaming/kinesis-firehose/*",
    "s3:ListBucket spool-lake",
    "s3:ListBucketMultipartUploads spool-lake",
    "s3:PutObject spool-lake/streaming/kinesis-firehose/*",
    "sts:AssumeRole ",
  ]);
  const pipeline = rights("PipelinePolicy");
  assert.deepEqual(pipeline.filter((right) => !right.startsWith("s3:")), [
    "kinesis:DescribeStreamSummary stream/spool",
    "kinesis:GetRecords stream/spool",
    "kinesis:GetShardIterator stream/spool",
    "kinesis:ListShards stream/spool",
    "kinesis:PutRecords stream/spool",
    "sns:Publish spool-alerts",
  ]);
  assert.deepEqual(pipeline.filter((right) => right.startsWith("s3:PutObject")), [
    "s3:PutObject spool-lake/backups/*",
    "s3:PutObject spool-lake/processed/*",
    "s3:PutObject spool-lake/quality/*",
    "s3:PutObject spool-lake/raw/*",
    "s3:PutObject spool-lake/streaming/archived/*",
  ]);
  assert.equal(pipeline.some((right) => right.includes("Delete")), false);
});

Deno.test("the request with the lifecycle is what S3 reads", async () => {
  await withAccount(async ({ aws, setUp }) => {
    await setUp();
    const lake = aws.buckets.buckets.get(`spool-lake-${ACCOUNT}-${REGION}`)!;
    const { LifecycleConfiguration } = fromXml(lake.documents.get("lifecycle")!, ["Rule", "Transition"]);
    const Status = "Enabled";
    assert.deepEqual(LifecycleConfiguration, {
      Rule: [
        {
          ID: "delivered-copies-expire",
          Status,
          Filter: { Prefix: "streaming/kinesis-firehose/year=" },
          Expiration: { Days: "30" },
        },
        {
          ID: "daily-backups-expire",
          Status,
          Filter: { Prefix: "backups/daily/" },
          Expiration: { Days: "35" },
        },
        {
          ID: "processed-gets-cheaper",
          Status,
          Filter: { Prefix: "processed/" },
          Transition: [{ Days: "90", StorageClass: "STANDARD_IA" }],
        },
        {
          ID: "leftovers-expire",
          Status,
          Filter: { Prefix: "" },
          Expiration: { ExpiredObjectDeleteMarker: "true" },
          NoncurrentVersionExpiration: { NoncurrentDays: "30" },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: "7" },
        },
      ],
    });
  });
});
