import assert from "node:assert/strict";
import { ConfigError, readConfig } from "../../../shared/config.ts";
import { LAKE_VARIABLES, openLake } from "../../../shared/lake/open_lake.ts";

const open = (env: Record<string, string>) => openLake(readConfig(LAKE_VARIABLES, env));
const KEY = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" };

Deno.test("LAKE_URL names a folder or a bucket, and is shown without what is secret", () => {
  assert.equal(open({}), undefined);
  assert.equal(open({ LAKE_URL: "" }), undefined);
  assert.equal(open({ LAKE_URL: "file:///var/lake/" })?.url, "file:///var/lake");
  assert.equal(open({ LAKE_URL: "file:///var/my%20lake" })?.url, "file:///var/my%20lake");
  assert.equal(open({ LAKE_URL: "s3://lake", AWS_REGION: "eu-central-1", ...KEY })?.url, "s3://lake");
  assert.equal(open({ LAKE_URL: "s3://lake/a/", AWS_REGION: "eu-central-1", ...KEY })?.url, "s3://lake/a");
  assert.equal(
    open({ LAKE_URL: "s3://lake/a", AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9000", ...KEY })?.url,
    "s3://lake/a",
  );
});

Deno.test("a lake that cannot be used is refused before anything is done", () => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ LAKE_URL: "lake" }, /LAKE_URL must be s3:\/\/BUCKET\/PREFIX or file:\/\/\/FOLDER/],
    [{ LAKE_URL: "file:///" }, /as it must be a folder of its own: current value is file:\/\/\/$/],
    [{ LAKE_URL: "file:///a%2Fb" }, /as it must be file:\/\/\/FOLDER, percent-encoded/],
    [{ LAKE_URL: "s3://lake", ...KEY }, /as AWS_REGION must name the region of its bucket/],
    [
      { LAKE_URL: "s3://lake", AWS_REGION: "eu-central-1" },
      /AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set/,
    ],
    [
      { LAKE_URL: "s3://lake/a/../b", AWS_REGION: "eu-central-1", ...KEY },
      /Cannot use LAKE_URL as it must be a path/,
    ],
    [
      { LAKE_URL: `s3://lake/${"a".repeat(130)}`, AWS_REGION: "eu-central-1", ...KEY },
      /Cannot use LAKE_URL as the prefix of its keys must be at most 124 bytes long/,
    ],
  ];
  for (const [env, message] of cases) {
    assert.throws(
      () => open(env),
      (error) => error instanceof ConfigError && message.test(error.message),
      JSON.stringify(env),
    );
  }
});

Deno.test("a folder is refused where functions are hosted, as it would be gone with the isolate", () => {
  Object.assign(globalThis, { EdgeRuntime: {} });
  try {
    assert.throws(
      () => open({ LAKE_URL: "file:///tmp/lake" }),
      /must be s3:\/\/BUCKET\/PREFIX where functions are hosted/,
    );
    assert.equal(open({ LAKE_URL: "s3://lake", AWS_REGION: "eu-central-1", ...KEY })?.url, "s3://lake");
  } finally {
    Reflect.deleteProperty(globalThis, "EdgeRuntime");
  }
});
