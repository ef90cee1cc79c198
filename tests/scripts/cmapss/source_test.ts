import assert from "node:assert/strict";
import { join } from "node:path";
import { formatFileName } from "../../../scripts/cmapss/file_name.ts";
import { openSource } from "../../../scripts/cmapss/source.ts";
import { SourceError } from "../../../scripts/cmapss/source_file.ts";
import { folderWith } from "./synthetic.ts";
import { zipOf } from "./zips.ts";

const FILES = { "train_FD001.txt": "train", "test_FD001.txt": "test", "RUL_FD001.txt": "rul" };
const ALL = Object.entries(FILES).sort();

/** The names and contents of a source's files. */
async function contents(...paths: string[]): Promise<[string, string][]> {
  await using source = await openSource(paths);
  const found: [string, string][] = [];
  for (const file of source.files) {
    found.push([formatFileName(file), new TextDecoder().decode(await file.read())]);
  }
  return found.sort();
}

Deno.test("a folder: files at any depth, in any case, through links; nothing else", async () => {
  await using folder = await folderWith({
    "readme.txt": "",
    "RUL_FD001.TXT": "rul",
    "train_FD0011.txt": "",
    "train_FD001.txt.bak": "",
  });
  await Deno.mkdir(join(folder.path, "a/b"), { recursive: true });
  await Deno.writeTextFile(join(folder.path, "a/b/TRAIN_fd001.txt"), "train");
  await Deno.writeTextFile(join(folder.path, "a/._test_FD001.txt"), "left by a Mac");
  await Deno.writeTextFile(join(folder.path, "elsewhere"), "test");
  await Deno.symlink(join(folder.path, "elsewhere"), join(folder.path, "a/test_FD001.txt"));
  await Deno.symlink("nowhere", join(folder.path, "a/train_FD002.txt"));
  assert.deepEqual(await contents(folder.path), ALL);
});

Deno.test("a single file: it alone, a test file with its RUL file", async () => {
  await using folder = await folderWith(FILES);
  assert.deepEqual(await contents(join(folder.path, "train_FD001.txt")), [["train_FD001.txt", "train"]]);
  const test = ALL.filter(([name]) => !name.startsWith("train"));
  assert.deepEqual(await contents(join(folder.path, "test_FD001.txt")), test);
  assert.deepEqual(
    await contents(join(folder.path, "test_FD001.txt"), join(folder.path, "train_FD001.txt")),
    ALL,
  );
});

Deno.test("a zip, a zip in a zip as NASA packs it, and one more around", async () => {
  const inner = await zipOf({ ...FILES, "readme.txt": "", "Damage Propagation Modeling.pdf": "%PDF" });
  const nasa = await zipOf({
    "6. Turbofan Engine Degradation Simulation Data Set/CMAPSSData.zip": inner,
    "6. Turbofan Engine Degradation Simulation Data Set/notes.docx": "",
  });
  await using folder = await folderWith({ inner, nasa, "outer.zip": await zipOf({ "nasa.zip": nasa }) });
  for (const name of ["inner", "nasa", "outer.zip"]) {
    assert.deepEqual(await contents(join(folder.path, name)), ALL, name);
  }
});

async function refusal(path: string): Promise<string> {
  const error = await contents(path).then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof SourceError);
  return error.message.replace(path, "PATH");
}

Deno.test("what cannot be a source is refused with its reason", async () => {
  const zip = await zipOf({ "train_FD001.txt": "x".repeat(5000) });
  await using folder = await folderWith({
    "empty.zip": await zipOf({}),
    "other.zip": await zipOf({ "readme.txt": "" }),
    "cut.zip": zip.subarray(0, zip.length - 30),
    "nested.zip": await zipOf({ "CMAPSSData.zip": "not a zip" }),
    "secret.zip": await zipOf({ "train_FD001.txt": "x" }, { password: "p" }),
    "text.zip": "not a zip",
    "nothing": "",
  });
  const at = (name: string) => refusal(join(folder.path, name));
  const none =
    "Cannot load PATH as it must hold files named like train_FD001.txt or test_FD001.txt: found none";
  assert.equal(await at("empty.zip"), none);
  assert.equal(await at("other.zip"), none);
  assert.equal(await at("cut.zip"), "Cannot read PATH as it must be a whole zip");
  assert.equal(await at("nested.zip"), "Cannot read PATH/CMAPSSData.zip as it must be a whole zip");
  assert.equal(
    await at("secret.zip"),
    "Cannot read PATH/train_FD001.txt as it must be whole and not encrypted",
  );
  const kind = "Cannot load PATH as it must be a folder, a zip or a file named like train_FD001.txt";
  assert.equal(await at("text.zip"), kind);
  assert.equal(await at("nothing"), kind);
  assert.equal(await at("missing"), "Cannot load PATH as it must be a folder, a file or a zip that exists");
});

Deno.test("a damaged file in a whole zip is refused when it is read", async () => {
  // not compressed: only the checksum can tell
  const zip = await zipOf({ "train_FD001.txt": "1 2 3 4 5 6 7 8 9".repeat(99) }, { level: 0 });
  zip[500] ^= 1;
  await using folder = await folderWith({ "damaged.zip": zip });
  assert.equal(
    await refusal(join(folder.path, "damaged.zip")),
    "Cannot read PATH/train_FD001.txt as it must be whole and not encrypted",
  );
});

Deno.test("a file that is far too large is refused before it is read", async () => {
  await using folder = await folderWith({ "train_FD001.txt": "" });
  await Deno.truncate(join(folder.path, "train_FD001.txt"), 256 * 1024 * 1024 + 1);
  assert.equal(
    await refusal(folder.path),
    "Cannot read PATH/train_FD001.txt as it must be at most 256 MiB, which every C-MAPSS file is",
  );
});

Deno.test("two files of one name are refused: nobody can tell which is right", async () => {
  await using folder = await folderWith(FILES);
  await using other = await folderWith({ "TRAIN_FD001.txt": "" });
  await assert.rejects(
    contents(folder.path, other.path),
    (error: Error) =>
      /^Cannot load train_FD001\.txt as there must be one of it: found .* and /.test(error.message),
  );
});
