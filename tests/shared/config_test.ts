import assert from "node:assert/strict";
import { ConfigError, readConfig } from "../../shared/config.ts";

const URL_A = "postgres://spool:secret@db.example:5432/spool";
const URL_B = "postgresql://postgres:secret@db.example:6543/postgres";

/** The message with which a configuration is refused. */
function refusal(read: () => unknown): string {
  let message = "";
  assert.throws(read, (error) => {
    assert.ok(error instanceof ConfigError);
    message = error.message;
    return true;
  });
  return message;
}

Deno.test("DATABASE_URL counts before SUPABASE_DB_URL, and is not needed beside it", () => {
  const read = (env: Record<string, string>) => readConfig(["DATABASE_URL"], env).DATABASE_URL;
  assert.equal(read({ DATABASE_URL: URL_A, SUPABASE_DB_URL: URL_B }), URL_A);
  assert.equal(read({ SUPABASE_DB_URL: URL_B }), URL_B);
  assert.equal(read({ DATABASE_URL: "", SUPABASE_DB_URL: URL_B }), URL_B);
});

Deno.test("what is not set has its default, and an empty variable is not set", () => {
  const names = [
    "DATABASE_POOL_SIZE",
    "INGEST_KEYS",
    "INGEST_MAX_BODY_BYTES",
    "SUPABASE_SECRET_KEYS",
  ] as const;
  const defaults = {
    DATABASE_POOL_SIZE: 1,
    INGEST_KEYS: [],
    INGEST_MAX_BODY_BYTES: 16 * 1024 * 1024,
    SUPABASE_SECRET_KEYS: {},
  };
  assert.deepEqual(readConfig(names, {}), defaults);
  assert.deepEqual(readConfig(names, Object.fromEntries(names.map((name) => [name, ""]))), defaults);
});

Deno.test("only the named variables are read, so that others may be malformed", () => {
  assert.deepEqual(readConfig(["DATABASE_POOL_SIZE"], { DATABASE_POOL_SIZE: "8", INGEST_KEYS: "x" }), {
    DATABASE_POOL_SIZE: 8,
  });
});

Deno.test("keys are separated by commas, with white space around them if need be", () => {
  const keys = " key-of-the-first-sender ,,\nkey-of-the-second-one, ";
  for (const name of ["INGEST_KEYS", "KINESIS_ACCESS_KEYS"] as const) {
    assert.deepEqual(readConfig([name], { [name]: keys })[name], [
      "key-of-the-first-sender",
      "key-of-the-second-one",
    ]);
    assert.deepEqual(readConfig([name], {})[name], []);
  }
});

Deno.test("all that is missing or malformed is named in one message, and no value of a secret", () => {
  const message = refusal(() =>
    readConfig([
      "DATABASE_URL",
      "DATABASE_POOL_SIZE",
      "INGEST_KEYS",
      "INGEST_MAX_BODY_BYTES",
      "SUPABASE_SECRET_KEYS",
    ], {
      DATABASE_POOL_SIZE: "many",
      INGEST_KEYS: "tooshort",
      INGEST_MAX_BODY_BYTES: "1",
      SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"',
    })
  );
  assert.match(message, /^Cannot start as the environment must be complete: /);
  assert.deepEqual(message.split(": ").slice(1).join(": ").split("; ").map((fault) => fault.split(" ")[0]), [
    "DATABASE_URL",
    "DATABASE_POOL_SIZE",
    "INGEST_KEYS",
    "INGEST_MAX_BODY_BYTES",
    "SUPABASE_SECRET_KEYS",
  ]);
  assert.match(message, /DATABASE_URL is missing; /);
  assert.doesNotMatch(message, /tooshort|sb_secret_x/);
});

for (const url of ["localhost:5432", "mysql://root@db.example/spool", "https://db.example"]) {
  Deno.test(`DATABASE_URL is refused that is ${url}`, () => {
    assert.equal(
      refusal(() => readConfig(["DATABASE_URL"], { DATABASE_URL: url })),
      "Cannot start as the environment must be complete: DATABASE_URL must be a connection string such as " +
        "postgres://user:password@host:5432/postgres",
    );
  });
}

for (const size of ["0", "101", "1.5", "NaN", "-1"]) {
  Deno.test(`DATABASE_POOL_SIZE is refused that is ${size}`, () => {
    assert.match(
      refusal(() => readConfig(["DATABASE_POOL_SIZE"], { DATABASE_POOL_SIZE: size })),
      /: DATABASE_POOL_SIZE /,
    );
  });
}

for (const keys of ["[]", "5", '{"default":5}', "null"]) {
  Deno.test(`SUPABASE_SECRET_KEYS is refused that is ${keys}`, () => {
    assert.match(
      refusal(() => readConfig(["SUPABASE_SECRET_KEYS"], { SUPABASE_SECRET_KEYS: keys })),
      /: SUPABASE_SECRET_KEYS /,
    );
  });
}

for (const url of ["db.example", "postgres://db.example/spool", "", undefined]) {
  Deno.test(`SUPABASE_URL is refused that is ${url}`, () => {
    assert.match(refusal(() => readConfig(["SUPABASE_URL"], { SUPABASE_URL: url })), /: SUPABASE_URL /);
  });
}
