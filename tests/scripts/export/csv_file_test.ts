import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { CsvFile } from "../../../scripts/export/split/csv_file.ts";

async function written(groups: readonly (readonly (readonly unknown[])[])[]): Promise<string> {
  let text = "";
  const file = new CsvFile(
    [{ name: "name", type: "text" }, { name: "at", type: "timestamp" }, { name: "value", type: "float32" }],
    (bytes) => {
      text += new TextDecoder().decode(bytes);
      return Promise.resolve();
    },
  );
  for (const group of groups) await file.writeGroup(group);
  await file.finish();
  return text;
}

Deno.test("the header comes once, nulls are empty, numbers are what they were, times keep their microseconds", async () => {
  const text = await written([
    [["A", "B"], [0n, 1_704_067_200_000_001n], [0.1, null]],
    [["C", "D", "E"], [1_704_067_200_120_000n, -1n, 253_402_300_799_000_000n], [-0.0006, NaN, -0]],
  ]);
  assert.equal(
    text,
    `name,at,value
A,1970-01-01T00:00:00Z,0.1
B,2024-01-01T00:00:00.000001Z,
C,2024-01-01T00:00:00.12Z,-0.0006
D,1969-12-31T23:59:59.999999Z,NaN
E,9999-12-31T23:59:59Z,-0
`,
  );
});

Deno.test("a file without rows has its header", async () => {
  assert.equal(await written([]), "name,at,value\n");
});

Deno.test("whatever stands in a cell is read back as it was", async () => {
  const names = ["a,b", 'say "so"', "two\nlines", "carriage\rreturn", " space "];
  const text = await written([[names, names.map(() => 0n), names.map(() => 1)]]);
  assert.deepEqual(parse(text, { columns: true }).map((row) => (row as { name: string }).name), names);
});
