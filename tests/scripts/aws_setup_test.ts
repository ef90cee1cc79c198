import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ACCOUNT, AwsAccount, KEY, REGION } from "../support/aws/account.ts";
import { Refusal } from "../support/aws/exchange.ts";

const COMMAND = fileURLToPath(new URL("../../scripts/aws_setup.ts", import.meta.url));
const ACCESS_KEY = "current-access-key-of-the-test";
const PROJECT = {
  SUPABASE_URL: "https://abcdefghij.supabase.co",
  KINESIS_ACCESS_KEYS: `${ACCESS_KEY},previous-access-key-of-the-test`,
};

/** As on a machine without AWS: no files, no instance that would know a role. */
const NOWHERE = {
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/nonexistent/config",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent/credentials",
  PATH: Deno.env.get("PATH") ?? "",
  HOME: Deno.env.get("HOME") ?? "",
};

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a process of its own, which knows nothing but this environment. */
async function command(env: Record<string, string>, ...args: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", COMMAND, ...args],
    clearEnv: true,
    env: { ...NOWHERE, ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("aws:setup plans, makes, finds unchanged and deletes, each as a process of its own", async () => {
  await using aws = await AwsAccount.start();
  const env = { ...aws.environment, ...PROJECT };

  const plan = await command(env, "--dry-run");
  assert.equal(plan.code, 0, plan.stderr);
  assert.match(
    plan.stdout,
    /^Account 111122223333, eu-central-1 \(nothing is written\)\n\ncreate {5}stream {11}spool\n/,
  );
  assert.equal(plan.stdout.match(/^create /gm)?.length, 9);
  assert.deepEqual(aws.writes, []);

  const made = await command(env);
  assert.equal(made.code, 0, made.stderr);
  assert.equal(made.stdout.match(/^created /gm)?.length, 9);
  for (
    const line of [
      `AWS_REGION=${REGION}`,
      "KINESIS_STREAM=spool",
      `LAKE_URL=s3://spool-lake-${ACCOUNT}-${REGION}`,
      `ALERT_SNS_TOPIC_ARN=arn:aws:sns:${REGION}:${ACCOUNT}:spool-alerts`,
    ]
  ) assert.ok(made.stdout.split("\n").includes(line), line);
  assert.match(made.stdout, /--policy-arn arn:aws:iam::111122223333:policy\/spool-pipeline-eu-central-1/);
  assert.match(made.stderr, /^waiting for the stream spool becoming ACTIVE: it is CREATING$/m);
  assert.equal(
    aws.firehose.streams.get("spool")!.destination.EndpointConfiguration.Url,
    "https://abcdefghij.supabase.co/functions/v1/kinesis",
  );

  aws.calls = [];
  const again = await command(env, "--json");
  assert.equal(again.code, 0, again.stderr);
  const { resources, environment, dry_run } = JSON.parse(again.stdout);
  assert.equal(dry_run, false);
  assert.deepEqual(resources.map(({ action }: { action: string }) => action), Array(9).fill("none"));
  assert.equal(environment.KINESIS_STREAM, "spool");
  assert.equal(again.stderr, "");
  assert.deepEqual(aws.writes, []);

  const refused = await command(env, "--destroy");
  assert.equal(refused.code, 2);
  assert.match(
    refused.stdout,
    /^delete {2}stream {11}spool {2}with the readings that nobody has read from it yet$/m,
  );
  assert.match(
    refused.stderr,
    /^Cannot ask as --destroy must be confirmed on a terminal: run it on one, or add --yes/,
  );
  const planned = await command(env, "--destroy", "--dry-run", "--json");
  assert.equal(JSON.parse(planned.stdout).resources[0].fate, "delete");
  assert.deepEqual(aws.writes, []);

  aws.buckets.buckets.get(`spool-lake-${ACCOUNT}-${REGION}`)!.keys.push("raw/train_FD001.txt");
  const gone = await command(env, "--destroy", "--yes");
  assert.equal(gone.code, 0, gone.stderr);
  assert.equal(gone.stdout.match(/^deleted /gm)?.length, 8);
  assert.match(gone.stdout, /^leave {3}bucket .* as it holds data/m);
  assert.deepEqual(aws.misunderstood, []);
  for (const { stdout, stderr } of [plan, made, again, refused, planned, gone]) {
    assert.equal((stdout + stderr).includes(ACCESS_KEY), false, "the access key is in no output");
    assert.equal((stdout + stderr).includes(KEY.secret), false);
  }
});

// the terminal is made by util-linux; other systems' script takes other arguments
const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test("on a terminal --destroy wants the name typed", onLinux, async () => {
  await using aws = await AwsAccount.start();
  const env = { ...NOWHERE, ...aws.environment, ...PROJECT };
  assert.equal((await command(env)).code, 0);
  aws.calls = [];
  /** Types an answer on a terminal that util-linux' script makes. */
  const answer = async (typed: string) => {
    const child = new Deno.Command("script", {
      args: ["-qec", `"${Deno.execPath()}" run --quiet -A "${COMMAND}" --destroy`, "/dev/null"],
      clearEnv: true,
      env: { ...env, TERM: "dumb", NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const keys = child.stdin.getWriter();
    let shown = "";
    let sent = false;
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      shown += text;
      if (sent || !shown.includes("Type spool to delete it:")) continue;
      sent = true;
      await keys.write(new TextEncoder().encode(`${typed}\n`));
    }
    await keys.close();
    await child.stderr.cancel();
    return { code: (await child.status).code, shown };
  };
  const wrong = await answer("yes");
  assert.equal(wrong.code, 1);
  assert.match(wrong.shown, /Cannot delete as the answer must be spool: nothing was deleted/);
  assert.deepEqual(aws.writes, []);
  const right = await answer("spool");
  assert.equal(right.code, 0, right.shown);
  assert.equal(right.shown.match(/^deleted /gm)?.length, 9);
  assert.equal(aws.iam.roles.size, 0);
});

Deno.test("without credentials a dry run is the plan of a new account, and anything else says what is missing", async () => {
  const env = { ...PROJECT, AWS_REGION: REGION };
  const plan = await command(env, "--dry-run", "--shards", "2", "--json");
  assert.equal(plan.code, 0, plan.stderr);
  const { looked_up, account, resources } = JSON.parse(plan.stdout);
  assert.deepEqual([looked_up, account], [false, "123456789012"]);
  assert.equal(resources[0].properties.ShardCount, 2);
  const delivery = resources.find(({ id }: { id: string }) => id === "DeliveryStream");
  assert.equal(
    delivery.properties.HttpEndpointDestinationConfiguration.EndpointConfiguration.AccessKey,
    "not shown",
  );
  assert.match((await command(env, "--dry-run")).stdout, /^No credentials: the plan for a new account/);

  const refused = await command(env);
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /^Cannot go on as the environment must have credentials of AWS: current value is none/,
  );
  assert.equal((await command(env, "--destroy", "--yes")).code, 1);
});

Deno.test("--cloudformation prints the template and asks AWS nothing", async () => {
  const { code, stdout, stderr } = await command({}, "--cloudformation", "--name", "fleet");
  assert.equal(code, 0, stderr);
  const template = JSON.parse(stdout);
  assert.equal(template.Resources.Stream.Properties.Name, "fleet");
  assert.equal("Default" in template.Parameters.EndpointUrl, false);
});

Deno.test("wrong options and a missing key are told, before anything is asked", async () => {
  await using aws = await AwsAccount.start();
  const env: Record<string, string> = { ...aws.environment, ...PROJECT };
  const cases: [string[], Record<string, string>, number, RegExp][] = [
    [["--name", "Spool"], env, 2, /^Cannot read --name as it must be 2 to 24 lower case/],
    [["--shards", "0"], env, 2, /^Cannot read --shards as it must be a whole number from 1 to 20000/],
    [
      ["--region", "europe"],
      env,
      2,
      /--region or AWS_REGION must be a region such as eu-central-1: current value is europe/,
    ],
    [["--url", "http://example.com/kinesis"], env, 2, /at an https address: current value is http:/],
    [["--yes"], env, 2, /^Cannot use --yes as it is for --destroy/],
    [["--destroy", "--cloudformation"], env, 2, /^Cannot use --destroy and --cloudformation together/],
    [[], { ...env, KINESIS_ACCESS_KEYS: "" }, 1, /^Cannot go on as KINESIS_ACCESS_KEYS must have the key/],
    [[], { ...env, KINESIS_ACCESS_KEYS: "short" }, 1, /each key must have at least 16 characters/],
  ];
  await Promise.all(cases.map(async ([args, given, code, message]) => {
    const ended = await command(given, ...args);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, message);
  }));
  assert.deepEqual(aws.calls, []);
});

Deno.test("credentials that AWS does not take are told as such", async () => {
  await using aws = await AwsAccount.start();
  const env = { ...aws.environment, ...PROJECT, AWS_SECRET_ACCESS_KEY: "another" };
  const { code, stderr } = await command(env);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Cannot ask whose the credentials are as AWS must accept the credentials: current answer is SignatureDoesNotMatch/,
  );
});

Deno.test("an access key that AWS quotes in a refusal is not printed", async () => {
  await using aws = await AwsAccount.start();
  aws.spoil = ({ operation }) =>
    operation === "CreateDeliveryStream"
      ? {
        when: "before",
        refusal: new Refusal("InvalidArgumentException", `Value '${ACCESS_KEY}' is not valid`),
      }
      : undefined;
  const { code, stdout, stderr } = await command({ ...aws.environment, ...PROJECT, SPOOL_DEBUG: "1" });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /Cannot set up the delivery stream spool as firehose:CreateDeliveryStream must succeed/,
  );
  assert.match(stderr, /Value 'KINESIS_ACCESS_KEYS' is not valid/);
  assert.equal((stdout + stderr).includes(ACCESS_KEY), false);
});

Deno.test("a run that is killed goes on from where it was", async () => {
  await using aws = await AwsAccount.start();
  const env = { ...NOWHERE, ...aws.environment, ...PROJECT };
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", COMMAND],
    clearEnv: true,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  aws.spoil = ({ operation }) => {
    if (operation === "PutRolePolicy") child.kill("SIGKILL");
    return undefined;
  };
  assert.equal((await child.status).success, false);
  assert.equal(aws.firehose.streams.size, 0);
  aws.spoil = () => undefined;
  const again = await command(env);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /^unchanged {2}stream/m);
  assert.match(again.stdout, /^created {4}delivery stream/m);
  aws.calls = [];
  assert.match((await command(env)).stdout, /^unchanged {2}delivery stream/m);
  assert.deepEqual(aws.writes, []);
});
