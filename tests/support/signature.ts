/** Checks Signature Version 4 with node:crypto, as AWS documents it, and not with the code that signs. */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** A key that requests are signed with. */
export interface SigningKey {
  readonly id: string;
  readonly secret: string;
}

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Uint8Array, data: string) => createHmac("sha256", key).update(data).digest();

/** The query as it is signed: sorted, and encoded once. */
function canonicalQuery(url: URL): string {
  const encode = (text: string) =>
    encodeURIComponent(text).replaceAll(
      /[!'()*]/g,
      (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  return [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort().join("&");
}

/** The service that a request claims to be signed for. */
export function serviceOf(request: Request): string | undefined {
  return /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(
    request.headers.get("authorization") ?? "",
  )
    ?.[1];
}

/** Whether a request is signed with the key, for the service and region, now. */
export function isSignedFor(
  { key, service, region }: { readonly key: SigningKey; readonly service: string; readonly region: string },
  request: Request,
  body: string | Uint8Array,
): boolean {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
      .exec(request.headers.get("authorization") ?? "");
  if (match === null) return false;
  const [, keyId, day, signedRegion, signedService, signedHeaders, signature] = match;
  const date = request.headers.get("x-amz-date") ?? "";
  const names = signedHeaders.split(";");
  const sent = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (keyId !== key.id || signedRegion !== region || signedService !== service) return false;
  if (!date.startsWith(day) || !(Math.abs(Date.now() - sent) < 15 * 60_000)) return false;
  if (!names.includes("host") || !names.includes("x-amz-date")) return false;

  const url = new URL(request.url);
  const canonical = [
    request.method,
    url.pathname,
    canonicalQuery(url),
    ...names.map((name) => `${name}:${(request.headers.get(name) ?? "").trim().replaceAll(/ +/g, " ")}`),
    "",
    signedHeaders,
    sha256(body),
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  const signingKey = [region, service, "aws4_request"].reduce(
    (last, part) => hmac(last, part),
    hmac(`AWS4${key.secret}`, day),
  );
  return timingSafeEqual(hmac(signingKey, toSign), Uint8Array.fromHex(signature));
}
