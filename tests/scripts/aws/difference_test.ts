import assert from "node:assert/strict";
import { differences } from "../../../scripts/aws/difference.ts";
import type { Properties } from "../../../scripts/aws/intrinsics.ts";

const paths = (wanted: Properties, found: Properties) => differences(wanted, found).map(({ path }) => path);

Deno.test("what AWS adds by itself is no difference, but in a policy document any addition is", () => {
  assert.deepEqual(paths({ Hints: { Size: 1 } }, { Hints: { Size: 1, Other: 2 }, More: true }), []);
  const statement = { Sid: "A", Effect: "Allow", Action: ["s3:GetObject"] };
  const found = { ...statement, NotResource: "x" };
  const document = (one: Properties) => ({ Version: "2012-10-17", Statement: [one] });
  assert.deepEqual(paths({ PolicyDocument: document(statement) }, { PolicyDocument: document(found) }), [
    "PolicyDocument.Statement[A]",
  ]);
  assert.deepEqual(
    paths(
      { Policies: [{ PolicyName: "p", PolicyDocument: document(statement) }] },
      { Policies: [{ PolicyName: "p", PolicyDocument: document(found) }] },
    ),
    ["Policies[p].PolicyDocument.Statement[A]"],
  );
});

Deno.test("lists are compared whatever their order, named elements by their names", () => {
  const rule = (Id: string, ExpirationInDays: number) => ({ Id, ExpirationInDays });
  assert.deepEqual(
    paths({ Rules: [rule("a", 1), rule("b", 2)] }, { Rules: [rule("b", 2), rule("a", 1)] }),
    [],
  );
  assert.deepEqual(paths({ Rules: [rule("a", 1), rule("b", 2)] }, { Rules: [rule("b", 3), rule("a", 1)] }), [
    "Rules[b].ExpirationInDays",
  ]);
  assert.deepEqual(paths({ Rules: [rule("a", 1)] }, { Rules: [rule("a", 1), rule("b", 2)] }), ["Rules"]);
  assert.deepEqual(paths({ Rules: [rule("a", 1)] }, { Rules: [rule("c", 1)] }), ["Rules"]);
  assert.deepEqual(paths({ Action: ["x", "y"] }, { Action: ["y", "x"] }), []);
  assert.deepEqual(paths({ Action: ["x"] }, { Action: "x" }), []);
  assert.deepEqual(paths({ Action: "x" }, { Action: ["x"] }), []);
});

Deno.test("tags of others are no difference, and one of ours that is missing or other is", () => {
  const ours = { Key: "spool", Value: "a" };
  const Tags = [ours];
  assert.deepEqual(paths({ Tags }, { Tags: [{ Key: "cost", Value: "9" }, ours] }), []);
  assert.deepEqual(paths({ Tags }, { Tags: [{ Key: "spool", Value: "b" }] }), ["Tags"]);
  assert.deepEqual(paths({ Tags }, { Tags: [] }), ["Tags"]);
  assert.deepEqual(paths({ Tags }, {}), ["Tags"]);
});

Deno.test("what is there and should not be is a difference where a list is empty", () => {
  assert.deepEqual(paths({ Arns: [] }, { Arns: ["arn:x"] }), ["Arns"]);
  assert.deepEqual(paths({ Arns: [] }, { Arns: [] }), []);
});

Deno.test("a difference says what was found and what is wanted; what AWS never tells is not compared", () => {
  assert.deepEqual(differences({ A: { B: 1, AccessKey: "secret" } }, { A: { B: 2 } }), [
    { path: "A.B", found: 2, wanted: 1 },
  ]);
  assert.deepEqual(differences({ A: { B: 1 } }, {}), [{ path: "A", found: null, wanted: { B: 1 } }]);
});
