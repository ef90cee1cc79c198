import assert from "node:assert/strict";
import { ACCOUNT, REGION } from "../../support/aws/account.ts";
import { Refusal } from "../../support/aws/exchange.ts";
import { ACCESS_KEY, ENDPOINT_URL, withAccount } from "../../support/aws/session.ts";

const LAKE = `spool-lake-${ACCOUNT}-${REGION}`;
const ROLE = `spool-firehose-${REGION}`;
const POLICY = `arn:aws:iam::${ACCOUNT}:policy/spool-pipeline-${REGION}`;

/** What a run in an empty account writes, in this order: nothing before what it refers to. */
const FIRST_WRITES = [
  "kinesis:CreateStream",
  "kinesis:StartStreamEncryption",
  "s3:CreateBucket",
  "s3:PutPublicAccessBlock",
  "s3:PutBucketOwnershipControls",
  "s3:PutBucketEncryption",
  "s3:PutBucketVersioning",
  "s3:PutBucketLifecycleConfiguration",
  "sns:CreateTopic",
  "logs:CreateLogGroup",
  "logs:PutRetentionPolicy",
  "logs:CreateLogStream",
  "logs:CreateLogStream",
  "iam:CreateRole",
  "iam:PutRolePolicy",
  "firehose:CreateDeliveryStream",
  "iam:CreatePolicy",
];

const actions = (outcomes: readonly { action: string }[]) => outcomes.map(({ action }) => action);

Deno.test("an empty account is given everything, in an order in which nothing misses what it refers to", async () => {
  await withAccount(async ({ aws, setUp }) => {
    assert.deepEqual(actions(await setUp()), Array(9).fill("create"));
    assert.deepEqual(aws.writes, FIRST_WRITES);

    const delivery = aws.firehose.streams.get("spool")!;
    assert.equal(delivery.source.KinesisStreamARN, `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/spool`);
    assert.deepEqual(delivery.destination.EndpointConfiguration, {
      Name: "Spool",
      Url: ENDPOINT_URL,
      AccessKey: ACCESS_KEY,
    });
    assert.deepEqual(delivery.destination.BufferingHints, { SizeInMBs: 1, IntervalInSeconds: 0 });
    assert.deepEqual(delivery.destination.RequestConfiguration, { ContentEncoding: "GZIP" });
    assert.deepEqual(delivery.destination.RetryOptions, { DurationInSeconds: 7200 });
    assert.equal(delivery.destination.S3BackupMode, "AllData");
    assert.match(delivery.destination.S3Configuration.Prefix, /^streaming\/kinesis-firehose\/year=/);
    assert.match(
      delivery.destination.S3Configuration.ErrorOutputPrefix,
      /^streaming\/kinesis-firehose\/failed\//,
    );

    const { mode, key, tags } = aws.streams.extras.get("spool")!;
    assert.deepEqual({ mode, key, tags }, {
      mode: "ON_DEMAND",
      key: "alias/aws/kinesis",
      tags: { spool: "spool" },
    });
    assert.equal(aws.logs.groups.get("/aws/kinesisfirehose/spool")?.retention, 30);
    const lifecycle = aws.buckets.buckets.get(LAKE)!.documents.get("lifecycle")!;
    assert.equal(lifecycle.match(/<Rule>/g)?.length, 4);
  });
});

Deno.test("a second run writes nothing, and neither does a dry run before or after it", async () => {
  await withAccount(async ({ aws, setUp }) => {
    assert.deepEqual(actions(await setUp({ dryRun: true })), Array(9).fill("create"));
    assert.deepEqual(aws.writes, []);
    await setUp();
    aws.calls = [];
    assert.deepEqual(actions(await setUp()), Array(9).fill("none"));
    assert.deepEqual(actions(await setUp({ dryRun: true })), Array(9).fill("none"));
    assert.deepEqual(aws.writes, []);
  });
});

Deno.test("what has drifted is changed back, and nothing else is touched", async () => {
  await withAccount(async ({ aws, setUp }) => {
    await setUp();
    const bucket = aws.buckets.buckets.get(LAKE)!;
    const role = aws.iam.roles.get(ROLE)!;
    const delivery = aws.firehose.streams.get("spool")!;
    const wider = structuredClone(role.inline.get("deliver")) as { Statement: { Resource: string[] }[] };
    wider.Statement[0].Resource.push("arn:aws:kinesis:eu-central-1:111122223333:stream/other");
    /** Each drift, the property whose difference is told, and the writes that mend it. */
    const drifts: [() => unknown, string, string[]][] = [
      [() => aws.streams.extras.get("spool")!.key = undefined, "StreamEncryption", [
        "kinesis:StartStreamEncryption",
      ]],
      [
        () =>
          aws.streams.service.IncreaseStreamRetentionPeriod.answer({
            StreamName: "spool",
            RetentionPeriodHours: 48,
          }),
        "RetentionPeriodHours",
        ["kinesis:DecreaseStreamRetentionPeriod"],
      ],
      [() => bucket.documents.delete("lifecycle"), "LifecycleConfiguration.Rules", [
        "s3:PutBucketLifecycleConfiguration",
      ]],
      [
        () =>
          bucket.documents.set(
            "lifecycle",
            bucket.documents.get("lifecycle")!.replace("<Days>35</Days>", "<Days>3</Days>"),
          ),
        "LifecycleConfiguration.Rules[daily-backups-expire].ExpirationInDays",
        ["s3:PutBucketLifecycleConfiguration"],
      ],
      [() => bucket.documents.delete("publicAccessBlock"), "PublicAccessBlockConfiguration", [
        "s3:PutPublicAccessBlock",
      ]],
      [
        () =>
          bucket.documents.set(
            "versioning",
            bucket.documents.get("versioning")!.replace("Enabled", "Suspended"),
          ),
        "VersioningConfiguration.Status",
        ["s3:PutBucketVersioning"],
      ],
      [
        () =>
          bucket.documents.set(
            "encryption",
            bucket.documents.get("encryption")!.replace("AES256", "aws:kms"),
          ),
        "BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm",
        ["s3:PutBucketEncryption"],
      ],
      [() => bucket.documents.delete("ownershipControls"), "OwnershipControls", [
        "s3:PutBucketOwnershipControls",
      ]],
      [() => aws.logs.groups.get("/aws/kinesisfirehose/spool")!.retention = undefined, "RetentionInDays", [
        "logs:PutRetentionPolicy",
      ]],
      [
        () => role.inline.set("deliver", wider),
        "Policies[deliver].PolicyDocument.Statement[ReadTheStream].Resource",
        [
          "iam:PutRolePolicy",
        ],
      ],
      [() => role.inline.set("more", wider), "Policies", ["iam:PutRolePolicy", "iam:DeleteRolePolicy"]],
      [() => role.attached.add("arn:aws:iam::aws:policy/AdministratorAccess"), "ManagedPolicyArns", [
        "iam:DetachRolePolicy",
      ]],
      [() => role.description = "", "Description", ["iam:UpdateRole"]],
      [
        () => {
          const trust = structuredClone(role.trust) as { Statement: { Condition?: unknown }[] };
          delete trust.Statement[0].Condition;
          role.trust = trust;
        },
        "AssumeRolePolicyDocument.Statement[FirehoseOfThisAccount].Condition",
        ["iam:UpdateAssumeRolePolicy"],
      ],
      [
        () => delivery.destination.BufferingHints = { SizeInMBs: 5, IntervalInSeconds: 300 },
        "HttpEndpointDestinationConfiguration.BufferingHints.SizeInMBs",
        ["firehose:UpdateDestination"],
      ],
      [
        () => delivery.destination.S3BackupMode = "FailedDataOnly",
        "HttpEndpointDestinationConfiguration.S3BackupMode",
        ["firehose:UpdateDestination"],
      ],
      [() => aws.iam.policies.get(POLICY)!.versions[0].document = wider, "PolicyDocument.Statement", [
        "iam:CreatePolicyVersion",
      ]],
      [() => aws.logs.groups.get("/aws/kinesisfirehose/spool")!.streams.delete("BackupDelivery"), "", [
        "logs:CreateLogStream",
      ]],
      [() => aws.topics.topics.clear(), "", ["sns:CreateTopic"]],
    ];
    for (const [drift, path, writes] of drifts) {
      await drift();
      aws.calls = [];
      const planned = await setUp({ dryRun: true });
      assert.deepEqual(aws.writes, [], `a dry run writes nothing: ${path}`);
      const outcomes = await setUp();
      assert.deepEqual(aws.writes, writes);
      assert.deepEqual(planned, outcomes);
      const changed = outcomes.filter(({ action }) => action !== "none");
      assert.equal(changed.length, 1, path);
      assert.equal(changed[0].differences[0]?.path ?? "", path);
    }
    aws.calls = [];
    assert.deepEqual(actions(await setUp()), Array(9).fill("none"));
    assert.equal(delivery.destination.EndpointConfiguration.AccessKey, ACCESS_KEY);
  });
});

Deno.test("names that begin alike are told apart", async () => {
  await withAccount(async ({ setUp }) => {
    await setUp({ name: "spool-two", shards: 1 });
    assert.deepEqual(actions(await setUp({ dryRun: true })), Array(9).fill("create"));
    assert.deepEqual(actions(await setUp()), Array(9).fill("create"));
    assert.deepEqual(actions(await setUp({ name: "spool-two", shards: 1 })), Array(9).fill("none"));
  });
});

Deno.test("a policy that changes often keeps IAM's five versions", async () => {
  await withAccount(async ({ aws, setUp }) => {
    await setUp();
    const policy = aws.iam.policies.get(POLICY)!;
    for (let i = 0; i < 7; i++) {
      const current = policy.versions.find(({ id }) => id === policy.standard)!;
      current.document = { Version: "2012-10-17", Statement: [] };
      await setUp();
    }
    assert.equal(policy.versions.length, 5);
    assert.deepEqual(policy.versions.map(({ id }) => id), ["v4", "v5", "v6", "v7", "v8"]);
    assert.equal(policy.standard, "v8");
  });
});

Deno.test("tags of others are none of our business", async () => {
  await withAccount(async ({ aws, setUp }) => {
    await setUp();
    const { documents } = aws.buckets.buckets.get(LAKE)!;
    documents.set(
      "tagging",
      documents.get("tagging")!.replace("<TagSet>", "<TagSet><Tag><Key>cost</Key><Value>9</Value></Tag>"),
    );
    aws.topics.topics.get(`arn:aws:sns:${REGION}:${ACCOUNT}:spool-alerts`)!.set("cost", "9");
    aws.calls = [];
    assert.deepEqual(actions(await setUp()), Array(9).fill("none"));
    assert.deepEqual(aws.writes, []);
  });
});

Deno.test("a stream goes from on demand to shards and on to others, by doubling and halving", async () => {
  await withAccount(async ({ aws, setUp }) => {
    await setUp();
    const shards = async (wanted: number | undefined) => {
      aws.calls = [];
      await setUp({ shards: wanted });
      return aws.calls.filter(({ operation }) => operation === "UpdateShardCount").map(({ input }) =>
        input.TargetShardCount
      );
    };
    assert.deepEqual(await shards(2), [2]);
    assert.deepEqual(await shards(11), [4, 8, 11]);
    assert.deepEqual(await shards(2), [6, 3, 2]);
    assert.deepEqual(await shards(2), []);
    assert.deepEqual(await shards(undefined), []);
    assert.equal(aws.streams.extras.get("spool")!.mode, "ON_DEMAND");
  });
});

Deno.test("the access key is sent again when asked to, and only then", async () => {
  await withAccount(async ({ aws, setUp }) => {
    await setUp();
    aws.calls = [];
    const outcomes = await setUp({ renewKey: true });
    assert.deepEqual(aws.writes, ["firehose:UpdateDestination"]);
    assert.equal(JSON.stringify(outcomes).includes(ACCESS_KEY), false);
  });
});

Deno.test("a run that was stopped at any write goes on from there, whether that write was made or not", async () => {
  await withAccount(async ({ aws, setUp }) => {
    const stops = FIRST_WRITES.flatMap((write, i) =>
      (["before", "after"] as const).map((when) => ({ write, i, when, name: `stop${i}-${when}` }))
    );
    const written = new Map<string, number>();
    let spoiling = true;
    aws.spoil = ({ service, operation, input }) => {
      const text = JSON.stringify(input);
      const stop = stops.find(({ name }) => text.includes(`${name}"`) || text.includes(`${name}-`));
      if (!spoiling || stop === undefined || /^(Get|List|Describe|Head)/.test(operation)) return undefined;
      const index = written.get(stop.name) ?? 0;
      written.set(stop.name, index + 1);
      if (index !== stop.i) return undefined;
      assert.equal(`${service}:${operation}`, stop.write);
      return { when: stop.when, refusal: new Refusal("StoppedByTheTest", "stopped") };
    };
    const all = async (check: (stop: (typeof stops)[number]) => Promise<void>) => {
      await Promise.all(stops.map(check));
    };
    await all(async ({ name }) => {
      await assert.rejects(
        setUp({ name, shards: 1 }),
        /StoppedByTheTest/,
      );
    });
    assert.equal(written.size, 2 * FIRST_WRITES.length);

    spoiling = false;
    await all(async ({ name }) => void await setUp({ name, shards: 1 }));
    aws.calls = [];
    await all(async ({ name }) =>
      assert.deepEqual(actions(await setUp({ name, shards: 1 })), Array(9).fill("none"))
    );
    assert.deepEqual(aws.writes, []);
  });
});

Deno.test("an answer that was lost is no error when the SDK asks again and it is there already", async () => {
  await withAccount(async ({ aws, setUp }) => {
    const lost = new Set<string>();
    aws.spoil = ({ service, operation }) => {
      const name = `${service}:${operation}`;
      if (!operation.startsWith("Create") || lost.has(name)) return undefined;
      lost.add(name);
      return { when: "after", refusal: new Refusal("InternalFailure", "lost", 500) };
    };
    const outcomes = await setUp();
    assert.equal(lost.size, 8);
    assert.ok(
      outcomes.every(({ action }) => action === "create" || action === "change" || action === "none"),
    );
    aws.calls = [];
    assert.deepEqual(actions(await setUp()), Array(9).fill("none"));
    assert.deepEqual(aws.writes, []);
  });
});

Deno.test("a role that Firehose does not know yet is waited for", async () => {
  await withAccount(async ({ aws, said, setUp }) => {
    aws.iam.refusalsOfNewRoles = 2;
    await setUp();
    assert.equal(aws.writes.filter((write) => write === "firehose:CreateDeliveryStream").length, 3);
    assert.equal(said.filter((line) => line.includes("unable to assume role")).length, 1);
  });
});

Deno.test("a role that Firehose never gets to know ends with what was waited for", async () => {
  await withAccount(async ({ aws, setUp }) => {
    aws.iam.refusalsOfNewRoles = 1000;
    await assert.rejects(
      setUp({ rolePatienceMs: 300 }),
      /^CommandError: Cannot go on as Firehose being able to use its new role must take less than .*unable to assume role .*Run the same again/,
    );
  });
});

Deno.test("a delivery stream that Firehose failed to make is replaced", async () => {
  await withAccount(async ({ aws, setUp }) => {
    aws.firehose.nextFailure = { Type: "RETIRE_KMS_GRANT_FAILED", Details: "of the test" };
    await setUp();
    aws.calls = [];
    const outcomes = await setUp();
    assert.equal(outcomes.find(({ label }) => label === "delivery stream")?.action, "replace");
    assert.deepEqual(aws.writes, ["firehose:DeleteDeliveryStream", "firehose:CreateDeliveryStream"]);
    assert.equal(aws.firehose.streams.get("spool")!.status, "ACTIVE");
  });
});

Deno.test("somebody else's resource of that name is an error, and is not touched", async () => {
  await withAccount(async ({ aws, setUp }) => {
    await setUp();
    const topic = aws.topics.topics.get(`arn:aws:sns:${REGION}:${ACCOUNT}:spool-alerts`)!;
    const role = aws.iam.roles.get(ROLE)!;
    const bucket = aws.buckets.buckets.get(LAKE)!;
    const policy = aws.iam.policies.get(POLICY)!;
    const refused = async (message: RegExp) => {
      aws.calls = [];
      await assert.rejects(setUp(), message);
      assert.deepEqual(aws.writes, []);
    };

    topic.set("spool", "another");
    await refused(
      /Cannot set up the topic spool-alerts as it must be Spool's own, .*: current value is \[\{"Key":"spool","Value":"another"\}\]/,
    );
    topic.set("spool", "spool");
    role.tags.clear();
    await refused(/Cannot set up the role spool-firehose-eu-central-1 as it must be Spool's own/);
    role.tags.set("spool", "spool");
    aws.iam.policies.set(POLICY, { ...policy, description: "by hand" });
    await refused(/Cannot set up the policy .* Description .*: current value is "by hand"/);
    aws.iam.policies.set(POLICY, policy);

    aws.buckets.buckets.delete(LAKE);
    aws.buckets.add(LAKE, "999988887777");
    await refused(
      /Cannot use the bucket .* as it must belong to account 111122223333, .*choose another --name/,
    );
    aws.buckets.buckets.set(LAKE, { ...bucket, region: "us-west-2" });
    await refused(/Cannot use the bucket .* as it must be in eu-central-1/);
    aws.buckets.buckets.set(LAKE, bucket);
    assert.deepEqual(actions(await setUp()), Array(9).fill("none"));
  });
});

Deno.test("a delivery stream with another source cannot become ours, and is left as it is", async () => {
  await withAccount(async ({ aws, setUp }) => {
    await setUp();
    aws.firehose.streams.get("spool")!.source.KinesisStreamARN =
      `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/other`;
    aws.calls = [];
    await assert.rejects(
      setUp(),
      /Cannot change the delivery stream spool as KinesisStreamSourceConfiguration.KinesisStreamARN must be .*stream\/spool", which only a new one can have: current value is .*stream\/other"/,
    );
    assert.deepEqual(aws.writes, []);
  });
});

Deno.test("a right that is missing is named, whatever the service calls its refusal", async () => {
  await withAccount(async ({ aws, setUp }) => {
    const refused = async (denied: string, code: string, named: string) => {
      aws.spoil = ({ service, operation }) =>
        `${service}:${operation}` === denied
          ? { when: "before", refusal: new Refusal(code, "no", 403) }
          : undefined;
      await assert.rejects(
        setUp(),
        new RegExp(
          `Cannot set up the .* as the caller must be allowed ${named}: current answer is ${code}(Exception)?: no`,
        ),
      );
    };
    await refused("kinesis:CreateStream", "AccessDeniedException", "kinesis:CreateStream");
    await refused("s3:CreateBucket", "AccessDenied", "s3:CreateBucket and s3:TagResource");
    await refused("s3:PutBucketLifecycleConfiguration", "AccessDenied", "s3:PutLifecycleConfiguration");
    await refused("sns:CreateTopic", "AuthorizationError", "sns:CreateTopic");
    await refused("logs:CreateLogGroup", "AccessDeniedException", "logs:CreateLogGroup");
    await refused("iam:PutRolePolicy", "AccessDenied", "iam:PutRolePolicy");
    await refused("firehose:CreateDeliveryStream", "AccessDeniedException", "firehose:CreateDeliveryStream");
    aws.spoil = () => undefined;
    await setUp();
  });
});
