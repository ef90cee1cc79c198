/** Zips made for tests. */

import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";

/** A zip with files in it, by their names. */
export async function zipOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: { readonly password?: string; readonly level?: number } = {},
): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, ...options });
  for (const [name, content] of Object.entries(files)) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await zip.add(name, new Uint8ArrayReader(bytes));
  }
  return await zip.close();
}
