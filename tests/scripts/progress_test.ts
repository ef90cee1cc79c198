import assert from "node:assert/strict";
import { createProgress, lineProgress, silent } from "../../scripts/progress.ts";

Deno.test("short work is one line, when it ends", () => {
  const lines: string[] = [];
  const stage = lineProgress((line) => lines.push(line)).stage("train_FD001.txt", 5000, "rows");
  for (let i = 0; i < 3; i++) stage.advance(1000);
  assert.deepEqual(lines, []);
  stage.end();
  assert.equal(lines.length, 1);
  assert.match(lines[0], /^train_FD001\.txt: 3,000 rows in 0\.\d s, [\d,]+ rows\/s$/);
});

Deno.test("long work has a line every few seconds, with what is left", () => {
  const lines: string[] = [];
  const now = performance.now;
  let seconds = 0;
  performance.now = () => seconds * 1000;
  try {
    const stage = lineProgress((line) => lines.push(line)).stage("load", 6000, "rows");
    for (seconds = 1; seconds <= 12; seconds++) stage.advance(250);
    stage.end();
    const unknown = lineProgress((line) => lines.push(line)).stage("download", null, "bytes");
    seconds += 6;
    unknown.advance(600);
  } finally {
    performance.now = now;
  }
  assert.deepEqual(lines, [
    "load: 1,250 rows of 6,000 (20 %), 19 s left, 250 rows/s",
    "load: 2,500 rows of 6,000 (41 %), 14 s left, 250 rows/s",
    "load: 3,000 rows in 13.0 s, 231 rows/s",
    "download: 600 bytes, 100 bytes/s",
  ]);
});

Deno.test("a note stays beside the count until the next one", () => {
  const lines: string[] = [];
  const stage = lineProgress((line) => lines.push(line)).stage("deliver", null, "records");
  stage.advance(2, "2 shards, 10 ms behind");
  stage.advance(1);
  stage.end();
  assert.match(lines[0], /^deliver: 3 records in 0\.\d s, [\d,]+ records\/s, 2 shards, 10 ms behind$/);
});

Deno.test("quiet is quiet", () => {
  assert.equal(createProgress({ quiet: true }), silent);
});
