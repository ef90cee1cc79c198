import assert from "node:assert/strict";
import { join } from "node:path";
import { s3Server } from "../support/s3_server.ts";

const MODULE = new URL("../../scripts/lake.ts", import.meta.url).href;

/** Runs a few lines that have `lakeOf`, with an environment of their own. */
async function evaluate(lines: string, env: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", `import { lakeOf } from "${MODULE}"; ${lines}`],
    cwd: join(import.meta.dirname!, "..", ".."),
    env: { NO_COLOR: "1", AWS_EC2_METADATA_DISABLED: "true", ...env },
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("commands sign with the key of a profile, as every AWS tool does", async () => {
  await using server = await s3Server();
  const file = await Deno.makeTempFile();
  try {
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, ...env } = server.env;
    await Deno.writeTextFile(file, `[lake]\naws_access_key_id=${id}\naws_secret_access_key=${secret}\n`);
    const lines = `await lakeOf(undefined).put("a", "1"); await lakeOf(undefined).put("b", "2");`;
    const found = await evaluate(lines, { ...env, AWS_PROFILE: "lake", AWS_SHARED_CREDENTIALS_FILE: file });
    assert.equal(found.code, 0, found.stderr);
    assert.equal((await server.lake().stat("b"))?.bytes, 1);

    const none = await evaluate(lines, { ...env, AWS_PROFILE: "other", AWS_SHARED_CREDENTIALS_FILE: file });
    assert.equal(none.code, 1);
    assert.match(none.stderr, /Cannot write a as there must be a key that signs: s3:\/\/lake/);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a command that needs the lake says what is missing", async () => {
  const { code, stderr } = await evaluate("lakeOf(undefined);", { LAKE_URL: "" });
  assert.equal(code, 1);
  assert.match(stderr, /Cannot reach the lake as --lake or LAKE_URL must be given: both are missing/);
});
