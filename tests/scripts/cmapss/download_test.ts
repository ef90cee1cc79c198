import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { downloadArchive } from "../../../scripts/cmapss/download.ts";
import { openSource } from "../../../scripts/cmapss/source.ts";
import { SourceError } from "../../../scripts/cmapss/source_file.ts";
import { silent } from "../../../scripts/progress.ts";
import { folderWith } from "./synthetic.ts";
import { zipOf } from "./zips.ts";

const INNER = await zipOf({ "train_FD001.txt": "content" });
const SHA256 = createHash("sha256").update(INNER).digest("hex");
const NAME = "6. Turbofan Engine Degradation Simulation Data Set/CMAPSSData.zip";

/** A stand-in of NASA's bucket on the loopback. */
function bucket(answer: () => Response) {
  let requests = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    requests++;
    return answer();
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/archive.zip`,
    requests: () => requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

Deno.test("the archive is downloaded once, verified and kept", async () => {
  const outer = await zipOf({ [NAME]: INNER });
  await using server = bucket(() => new Response(outer.slice()));
  await using folder = await folderWith({});
  const cache = join(folder.path, "new/cache");
  const archive = { url: server.url, sha256: SHA256 };
  const path = await downloadArchive(archive, cache, silent);
  assert.equal(await downloadArchive(archive, cache, silent), path);
  assert.equal(server.requests(), 1);
  assert.deepEqual(await namesIn(cache), ["CMAPSSData.zip"]);
  await using source = await openSource([path]);
  assert.equal(new TextDecoder().decode(await source.files[0].read()), "content");

  // what is in the cache is verified too
  await Deno.writeTextFile(path, "damaged");
  await downloadArchive(archive, cache, silent);
  assert.equal(server.requests(), 2);
  assert.deepEqual(await Deno.readFile(path), INNER);
});

Deno.test("a wrong checksum, a wrong answer, no answer: refused, and nothing stays in the cache", async () => {
  await using folder = await folderWith({});
  const refusal = async (url: string, sha256 = SHA256) => {
    const error = await downloadArchive({ url, sha256 }, folder.path, silent).then(
      () => undefined,
      (error) => error,
    );
    assert.ok(error instanceof SourceError, String(error));
    assert.deepEqual(await namesIn(folder.path), []);
    return error.message.replace(url, "URL");
  };
  {
    const outer = await zipOf({ [NAME]: INNER });
    await using server = bucket(() => new Response(outer.slice()));
    const expected = "0".repeat(64);
    assert.equal(
      await refusal(server.url, expected),
      `Cannot use URL as the SHA-256 of its CMAPSSData.zip must be ${expected}: it is ${SHA256}`,
    );
  }
  {
    const outer = await zipOf({ "readme.txt": "" });
    await using server = bucket(() => new Response(outer.slice()));
    assert.equal(
      await refusal(server.url),
      "Cannot use URL as it must hold CMAPSSData.zip: there is none in it",
    );
  }
  {
    await using server = bucket(() => new Response("<html>sign in</html>"));
    assert.match(await refusal(server.url), /download\.zip as it must be a whole zip$/);
  }
  let closed: string;
  {
    await using server = bucket(() => new Response("gone", { status: 404 }));
    closed = server.url;
    assert.equal(await refusal(server.url), "Cannot download URL as it must answer 200: it answered 404");
  }
  assert.equal(await refusal(closed), "Cannot download URL");
});
