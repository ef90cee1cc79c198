/** Reading the few things of S3's XML that the lake needs. */

import type { LakeObject } from "./lake.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  quot: '"',
};

function unescape(text: string): string {
  return text.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : whole;
  });
}

/** The text of the first element of a name, which has no elements in it; undefined where there is none. */
export function textOf(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text === undefined ? undefined : unescape(text);
}

/** A page of a listing. */
export interface Page {
  readonly objects: readonly LakeObject[];
  /** What asks for the next page; undefined on the last one. */
  readonly next: string | undefined;
}

/** Reads an answer of ListObjectsV2; undefined when it is none, or not whole. */
export function pageOf(xml: string): Page | undefined {
  if (!/<\/ListBucketResult>\s*$/.test(xml)) return undefined;
  // with encoding-type=url, which a service need not know
  const decode = textOf(xml, "EncodingType") === "url"
    ? (key: string) => decodeURIComponent(key.replaceAll("+", " "))
    : (key: string) => key;
  return {
    objects: [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, content]) => ({
      key: decode(textOf(content, "Key") ?? ""),
      bytes: Number(textOf(content, "Size")),
    })),
    next: textOf(xml, "IsTruncated") === "true" ? textOf(xml, "NextContinuationToken") : undefined,
  };
}
