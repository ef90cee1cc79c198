import { CreateDeliveryStreamCommand, type CreateDeliveryStreamCommandInput } from "@aws-sdk/client-firehose";
import { CreatePolicyCommand, CreateRoleCommand } from "@aws-sdk/client-iam";
import { CreateStreamCommand } from "@aws-sdk/client-kinesis";
import { CreateBucketCommand, PutBucketLifecycleConfigurationCommand } from "@aws-sdk/client-s3";
import { CreateTopicCommand } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { desiredState } from "../../../scripts/aws/desired_state.ts";
import { lookupIn, resolve } from "../../../scripts/aws/intrinsics.ts";
import { ACCOUNT, REGION } from "./account.ts";
import { ACCESS_KEY, ENDPOINT_URL, withAccount } from "./session.ts";

/** The delivery stream as aws:setup sends it, with one member set or removed. */
function spoiled(path: string, value: unknown): CreateDeliveryStreamCommandInput {
  const { resources } = desiredState({ name: "spool" });
  const { properties } = resources.find(({ id }) => id === "DeliveryStream")!;
  const parameters = { EndpointUrl: ENDPOINT_URL, AccessKey: ACCESS_KEY };
  const input = resolve(
    properties,
    lookupIn({ partition: "aws", region: REGION, account: ACCOUNT }, resources, parameters),
  );
  const names = path.split(".");
  // deno-lint-ignore no-explicit-any -- any member of any depth
  const holder = names.slice(0, -1).reduce((at: any, name) => at[name], input);
  holder[names.at(-1)!] = value;
  return input as unknown as CreateDeliveryStreamCommandInput;
}

const HTTP = "HttpEndpointDestinationConfiguration";

Deno.test("the account of the tests refuses what AWS's documentation rules out", async () => {
  const deliveries = [
    spoiled(`${HTTP}.EndpointConfiguration.Url`, "http://example.com"),
    spoiled(`${HTTP}.BufferingHints.SizeInMBs`, 65),
    spoiled(`${HTTP}.RetryOptions.DurationInSeconds`, 7201),
    spoiled(`${HTTP}.RequestConfiguration.ContentEncoding`, "BROTLI"),
    spoiled(`${HTTP}.S3BackupMode`, "Enabled"),
    spoiled(`${HTTP}.S3Configuration`, undefined),
    spoiled(`${HTTP}.S3Configuration.ErrorOutputPrefix`, "failed/"),
    spoiled("KinesisStreamSourceConfiguration.RoleARN", "spool-firehose"),
    spoiled("DeliveryStreamName", "spool firehose"),
    spoiled("Tags", []),
  ];
  await withAccount(async ({ aws, clients: { firehose, kinesis, iam, s3, sns } }) => {
    const rule = { ID: "a", Status: "Enabled", Filter: { Prefix: "" } } as const;
    const lifecycle = (...Rules: object[]) =>
      s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: "lake",
          LifecycleConfiguration: { Rules: Rules as (typeof rule)[] },
        }),
      );
    aws.buckets.add("lake");
    const attempts: (() => Promise<unknown>)[] = [
      ...deliveries.map((input) => () => firehose.send(new CreateDeliveryStreamCommand(input))),
      () =>
        kinesis.send(
          new CreateStreamCommand({ StreamName: "spool", StreamModeDetails: undefined, ShardCount: 1 }),
        ),
      () => iam.send(new CreateRoleCommand({ RoleName: "x", AssumeRolePolicyDocument: "{}" })),
      () =>
        iam.send(new CreatePolicyCommand({ PolicyName: "x", PolicyDocument: '{"Version":"2012-10-17"}' })),
      () => sns.send(new CreateTopicCommand({ Name: "spool.alerts" })),
      () => s3.send(new CreateBucketCommand({ Bucket: "Lake_Of_Spool" })),
      () => lifecycle(rule),
      () => lifecycle({ ...rule, Transitions: [{ Days: 3, StorageClass: "STANDARD_IA" }] }),
      () => lifecycle({ ...rule, Expiration: { Days: 3 } }, { ...rule, Expiration: { Days: 4 } }),
    ];
    for (const attempt of attempts) {
      await assert.rejects(attempt, /^(ValidationException|InvalidBucketName): /);
    }
    aws.misunderstood.length = 0;
  });
});
