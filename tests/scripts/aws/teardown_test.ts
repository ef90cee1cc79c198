import assert from "node:assert/strict";
import { planTeardown, tearDown } from "../../../scripts/aws/teardown.ts";
import { ACCOUNT, REGION } from "../../support/aws/account.ts";
import { Refusal } from "../../support/aws/exchange.ts";
import { type TestAccount, withAccount } from "../../support/aws/session.ts";

const LAKE = `spool-lake-${ACCOUNT}-${REGION}`;
const POLICY = `arn:aws:iam::${ACCOUNT}:policy/spool-pipeline-${REGION}`;

/** Deletes what is to be deleted; says what was, and why what was left was. */
async function destroy(account: TestAccount): Promise<{ deleted: string[]; left: Record<string, string> }> {
  const fates = await planTeardown(await account.items());
  const deleted: string[] = [];
  const left = Object.fromEntries(
    fates.filter(({ fate }) => fate === "leave").map(({ item, note }) => [item.kind.label, note ?? ""]),
  );
  await tearDown(fates, ({ kind }, reason) => {
    if (reason === undefined) deleted.push(kind.label);
    else left[kind.label] = reason;
  });
  return { deleted, left };
}

const ALL = [
  "policy",
  "delivery stream",
  "role",
  "log stream",
  "log stream",
  "log group",
  "topic",
  "bucket",
  "stream",
];

Deno.test("everything is deleted, what refers to something before what is referred to", async () => {
  await withAccount(async (account) => {
    const { aws } = account;
    await account.setUp();
    aws.calls = [];
    const fates = await planTeardown(await account.items());
    assert.deepEqual(aws.writes, [], "a plan deletes nothing");
    assert.deepEqual(fates.map(({ fate }) => fate), Array(9).fill("delete"));
    assert.deepEqual(await destroy(account), { deleted: ALL, left: {} });
    assert.deepEqual(aws.writes, [
      "iam:DeletePolicy",
      "firehose:DeleteDeliveryStream",
      "iam:DeleteRolePolicy",
      "iam:DeleteRole",
      "logs:DeleteLogStream",
      "logs:DeleteLogStream",
      "logs:DeleteLogGroup",
      "sns:DeleteTopic",
      "s3:DeleteBucket",
      "kinesis:DeleteStream",
    ]);
    assert.deepEqual(await destroy(account), { deleted: [], left: {} });
  });
});

Deno.test("a bucket with anything in it is left, also when it came in the meantime", async () => {
  await withAccount(async (account) => {
    const { aws } = account;
    await account.setUp();
    const { keys } = aws.buckets.buckets.get(LAKE)!;
    aws.spoil = ({ operation }) => {
      // the last copy that Firehose writes
      if (operation === "DeleteDeliveryStream") keys.push("streaming/kinesis-firehose/year=2026/last.gz");
      return undefined;
    };
    const { deleted, left } = await destroy(account);
    assert.deepEqual(deleted, ALL.filter((label) => label !== "bucket"));
    assert.match(left.bucket, /^it holds data, old versions included/);
    assert.ok(aws.buckets.buckets.has(LAKE));
    assert.equal(aws.writes.includes("s3:DeleteBucket"), false);
    const again = await planTeardown(await account.items());
    assert.deepEqual(again.filter(({ fate }) => fate !== "absent").map(({ fate }) => fate), ["leave"]);
  });
});

Deno.test("what others use or have made is left", async () => {
  await withAccount(async (account) => {
    const { aws } = account;
    await account.setUp();
    aws.iam.attachedUsers.set(POLICY, ["alice"]);
    aws.topics.topics.get(`arn:aws:sns:${REGION}:${ACCOUNT}:spool-alerts`)!.clear();
    aws.logs.groups.get("/aws/kinesisfirehose/spool")!.tags = {};
    const { deleted, left } = await destroy(account);
    assert.deepEqual(deleted, ["delivery stream", "role", "bucket", "stream"]);
    assert.deepEqual(left, {
      policy: "attached to user alice: detach it, then run again",
      topic: "it is not Spool's own",
      "log group": "it is not Spool's own",
      "log stream": "it is not Spool's own",
    });
  });
});

Deno.test("old versions of a policy and policies of a role do not hold their deletion up", async () => {
  await withAccount(async (account) => {
    const { aws } = account;
    await account.setUp();
    const policy = aws.iam.policies.get(POLICY)!;
    policy.versions.push({ id: "v2", document: {}, created: "2026-11-23T00:00:02Z" });
    aws.iam.roles.get(`spool-firehose-${REGION}`)!.attached.add("arn:aws:iam::aws:policy/ReadOnlyAccess");
    assert.deepEqual(await destroy(account), { deleted: ALL, left: {} });
  });
});

Deno.test("a deletion that was stopped goes on when it is run again", async () => {
  await withAccount(async (account) => {
    const { aws } = account;
    await account.setUp();
    for (const stop of ["DeleteRole", "DeleteLogGroup", "DeleteStream"]) {
      aws.spoil = ({ operation }) =>
        operation === stop ? { when: "before", refusal: new Refusal("AccessDenied", "no", 403) } : undefined;
      await assert.rejects(destroy(account), new RegExp(`Cannot delete the .* must be allowed \\w+:${stop}`));
    }
    aws.spoil = () => undefined;
    assert.deepEqual((await destroy(account)).deleted, ["stream"]);
    assert.equal(aws.iam.roles.size + aws.firehose.streams.size + aws.topics.topics.size, 0);
  });
});
