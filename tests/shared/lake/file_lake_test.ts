import assert from "node:assert/strict";
import { join } from "node:path";
import { FileLake } from "../../../shared/lake/file_lake.ts";
import { LakeError, MissingObjectError } from "../../../shared/lake/lake.ts";

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "spool-lake-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const isLinkError = (error: unknown) =>
  error instanceof LakeError && !error.transient && /may be a symbolic link/.test(error.message);

Deno.test("a symbolic link in the lake leads nowhere: neither out of it, nor within it", async () => {
  await withFolder(async (folder) => {
    const [inside, outside] = [join(folder, "lake"), join(folder, "outside")];
    await Deno.mkdir(inside);
    await Deno.mkdir(outside);
    await Deno.writeTextFile(join(outside, "secret"), "secret");
    const lake = new FileLake(inside);
    await lake.put("real/object", "1");
    await Deno.symlink(outside, join(inside, "folder"));
    await Deno.symlink(join(outside, "secret"), join(inside, "file"));
    await Deno.symlink(join(inside, "real"), join(inside, "within"));
    for (const key of ["folder/secret", "file", "within/object", "folder/new", "folder/deep/new"]) {
      for (
        const act of [
          () => lake.read(key),
          () => lake.stream(key),
          () => lake.stat(key),
          () => lake.put(key, "overwritten"),
          () => lake.remove(key),
        ]
      ) await assert.rejects(act, isLinkError, key);
    }
    assert.deepEqual(await Array.fromAsync(lake.list("")), [{ key: "real/object", bytes: 1 }]);
    assert.equal(await Deno.readTextFile(join(outside, "secret")), "secret");

    await Deno.remove(join(inside, ".unfinished"), { recursive: true });
    await Deno.symlink(outside, join(inside, ".unfinished"));
    await assert.rejects(lake.put("a", "1"), isLinkError);
    assert.deepEqual(Array.from(Deno.readDirSync(outside), ({ name }) => name), ["secret"]);
  });
});

Deno.test("the lake itself may be a link, as an administrator chose it", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "disk"));
    await Deno.symlink(join(folder, "disk"), join(folder, "lake"));
    await new FileLake(join(folder, "lake")).put("a", "1");
    assert.equal(await Deno.readTextFile(join(folder, "disk", "a")), "1");
  });
});

Deno.test("readers of an object finish with the one they began with, whatever takes its place", async () => {
  await withFolder(async (folder) => {
    const lake = new FileLake(folder);
    const versions = Array.from({ length: 20 }, (_, i) => new Uint8Array(1_000_000).fill(i));
    await lake.put("a", versions[0]);
    let writing = true;
    const read = async () => {
      const seen = new Set<number>();
      while (writing) {
        const bytes = await new Response(await lake.stream("a")).bytes();
        assert.equal(bytes.length, 1_000_000);
        assert(bytes.every((byte) => byte === bytes[0]));
        seen.add(bytes[0]);
      }
      return seen;
    };
    const readers = [read(), read()];
    for (const version of versions) await lake.put("a", version);
    writing = false;
    for (const seen of await Promise.all(readers)) assert(seen.size > 1);
  });
});

Deno.test("writers and removers of one folder do not get in each other's way", async () => {
  await withFolder(async (folder) => {
    const lake = new FileLake(folder);
    await Promise.all(Array.from({ length: 8 }, async (_, i) => {
      for (let n = 0; n < 40; n++) {
        await lake.put(`a/b/c/${i}`, String(n));
        await lake.remove(`a/b/c/${i}`);
      }
      await lake.put(`a/b/c/${i}`, "last");
    }));
    assert.equal((await Array.fromAsync(lake.list("a/b/c/"))).length, 8);
  });
});

Deno.test("a folder that cannot be used says so, and keeps the cause", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    const lake = new FileLake(join(folder, "file"));
    await assert.rejects(
      lake.put("a", "1"),
      (error) =>
        error instanceof LakeError && !error.transient && error.cause instanceof Error &&
        /^Cannot write a as the lake file:\/\/.*\/file must be usable: /.test(error.message),
    );
    await assert.rejects(lake.read("a"), MissingObjectError);

    const other = new FileLake(folder);
    await other.put("a/b", "1");
    await assert.rejects(other.put("a", "a folder is there"), LakeError);
    await assert.rejects(other.put("a/b/c", "a file is there"), LakeError);
    await assert.rejects(other.put("x".repeat(300), "no file system takes it"), LakeError);
    assert.deepEqual(Array.from(Deno.readDirSync(join(folder, ".unfinished"))), []);
  });
});
