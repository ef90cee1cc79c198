import assert from "node:assert/strict";
import {
  accessKeys,
  deliveryKeys,
  KeyRing,
  publishableKey,
  requestKeys,
  secretKeys,
  senderKeys,
} from "../../shared/keys.ts";

const FIRST = "key-of-the-first-sender";
const SECOND = "key-of-the-second-sender";

Deno.test("a ring has its own keys and no others", () => {
  const ring = new KeyRing([FIRST, SECOND]);
  assert.deepEqual([FIRST, SECOND].map((key) => ring.has(key)), [true, true]);
  for (
    const other of [
      "",
      FIRST.slice(1),
      FIRST.slice(0, -1),
      `${FIRST} `,
      FIRST.toUpperCase(),
      `${FIRST},${SECOND}`,
    ]
  ) {
    assert.equal(ring.has(other), false, other);
  }
});

Deno.test("an empty ring has no key, not even the empty one", () => {
  assert.equal(new KeyRing([]).has(""), false);
});

const headers: [Record<string, string>, string[]][] = [
  [{ authorization: `Bearer ${FIRST}` }, [FIRST]],
  [{ authorization: `bearer   ${FIRST}` }, [FIRST]],
  [{ apikey: FIRST }, [FIRST]],
  [{ apikey: FIRST, authorization: "Bearer a.jwt.of-a-user" }, [FIRST, "a.jwt.of-a-user"]],
  [{ authorization: `Basic ${FIRST}` }, []],
  [{ authorization: FIRST }, []],
  [{ authorization: "Bearer " }, []],
  [{ authorization: `Bearer ${FIRST} ${SECOND}` }, []],
  [{}, []],
];
for (const [given, keys] of headers) {
  Deno.test(`the keys of a request with ${JSON.stringify(given)} are ${keys.join(" and ") || "none"}`, () => {
    assert.deepEqual(requestKeys(new Headers(given)), keys);
  });
}

Deno.test("senders have the ingest keys, the project's secret keys, and its older service key", () => {
  assert.deepEqual(
    senderKeys({
      INGEST_KEYS: [FIRST],
      SUPABASE_SECRET_KEYS: { default: "sb_secret_a", other: "sb_secret_b" },
      SUPABASE_SERVICE_ROLE_KEY: "older",
    }),
    [FIRST, "sb_secret_a", "sb_secret_b", "older"],
  );
});

Deno.test("an empty key lets nobody in", () => {
  const keys = senderKeys({
    INGEST_KEYS: [],
    SUPABASE_SECRET_KEYS: { default: "" },
    SUPABASE_SERVICE_ROLE_KEY: "",
  });
  assert.equal(new KeyRing(keys).has(""), false);
});

Deno.test("secret keys are those of the project, not those of senders", () => {
  const config = {
    SUPABASE_SECRET_KEYS: { default: "sb_secret_a", none: "" },
    SUPABASE_SERVICE_ROLE_KEY: "older",
  };
  assert.deepEqual(secretKeys(config), ["sb_secret_a", "older"]);
  assert.deepEqual(secretKeys({ SUPABASE_SECRET_KEYS: {} }), []);
});

Deno.test("the publishable key is the one named default, else another one, else the older one", () => {
  assert.equal(
    publishableKey({ SUPABASE_PUBLISHABLE_KEYS: { web: "a", default: "b" }, SUPABASE_ANON_KEY: "c" }),
    "b",
  );
  assert.equal(publishableKey({ SUPABASE_PUBLISHABLE_KEYS: { web: "a" }, SUPABASE_ANON_KEY: "c" }), "a");
  assert.equal(publishableKey({ SUPABASE_PUBLISHABLE_KEYS: {}, SUPABASE_ANON_KEY: "c" }), "c");
  assert.equal(publishableKey({ SUPABASE_PUBLISHABLE_KEYS: {}, SUPABASE_ANON_KEY: "" }), undefined);
});

Deno.test("a delivery may carry its key in Firehose's header and in x-api-key, too", () => {
  const headers = { "X-Amz-Firehose-Access-Key": FIRST, "X-Api-Key": SECOND, authorization: "Bearer t" };
  assert.deepEqual(deliveryKeys(new Headers(headers)), ["t", FIRST, SECOND]);
  assert.deepEqual(deliveryKeys(new Headers({ apikey: FIRST })), [FIRST]);
  assert.deepEqual(deliveryKeys(new Headers({ authorization: "Basic t" })), []);
});

Deno.test("deliveries have the access keys, current and previous, and the project's secret keys", () => {
  assert.deepEqual(
    accessKeys({
      KINESIS_ACCESS_KEYS: [FIRST, SECOND, ""],
      SUPABASE_SECRET_KEYS: { default: "sb_secret_a", none: "" },
    }),
    [FIRST, SECOND, "sb_secret_a"],
  );
});
