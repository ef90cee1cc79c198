import assert from "node:assert/strict";
import {
  type Manifest,
  ManifestError,
  manifestText,
  parseManifest,
} from "../../../scripts/backup/manifest.ts";

const MANIFEST: Manifest = {
  format: 1,
  date: "2026-01-31",
  run_id: "00000000-0000-4000-8000-000000000000",
  taken_at: "2026-01-31T02:00:00.000Z",
  written_at: "2026-01-31T02:00:07.000Z",
  spool_version: "0.5.0",
  postgres_version: "17.10",
  migrations: [{ version: "20261123144332", name: "initial" }],
  tables: [{
    schema: "public",
    name: "engines",
    partition_of: null,
    columns: [{ name: "id", type: "uuid" }],
    parts: [{
      path: "020000Z-00000000/public.engines.00001.copy.zst",
      bytes: 10,
      sha256: "0".repeat(64),
      rows: 1,
      text_bytes: 37,
    }],
  }],
  sequences: [{ schema: "public", name: "x", last_value: "9007199254740993", is_called: true }],
};

Deno.test("a manifest reads back as what was written", () => {
  assert.deepEqual(parseManifest(manifestText(MANIFEST), "manifest.json"), MANIFEST);
});

Deno.test("a manifest that is cut anywhere, or has a byte changed anywhere, is refused by its name", () => {
  const text = manifestText(MANIFEST);
  for (let at = 0; at < text.length - 1; at += 7) {
    assert.throws(() => parseManifest(text.slice(0, at), "the-key"), ManifestError, `cut at ${at}`);
    if (/\s/.test(text[at])) continue; // space between values is none of its content
    const changed = text.slice(0, at) + (text[at] === "1" ? "2" : "1") + text.slice(at + 1);
    assert.throws(() => parseManifest(changed, "the-key"), /the-key/, `changed at ${at}`);
  }
});

Deno.test("a manifest of a later format is refused as such", () => {
  const later = manifestText({ ...MANIFEST, format: 2 } as unknown as Manifest);
  assert.throws(
    () => parseManifest(later, "the-key"),
    /^ManifestError: Cannot read the-key as it must be of format 1, which this Spool knows: current value is 2$/,
  );
});
