/** A stand-in for SNS that checks signatures itself, with node:crypto, as AWS documents Signature Version 4. */

import { createHash, createHmac, timingSafeEqual } from "node:crypto";

export const SNS_KEY = { id: "AKIATESTTESTTESTTEST", secret: "sns/secret+of/the+test/bench/0123456789" };

const sha256 = (data: string) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Uint8Array, data: string) => createHmac("sha256", key).update(data).digest();

function failure(status: number, code: string): Response {
  // as SNS does, with the string to sign in the message: nothing of it may be stored
  return new Response(
    `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>The String-to-Sign should have been ${SNS_KEY.secret}</Message></Error>` +
      `<RequestId>0e0f7a64-0000-5000-8000-000000000000</RequestId></ErrorResponse>`,
    { status, headers: { "content-type": "text/xml" } },
  );
}

/** Whether a request is signed with the key, for the service and region, now. */
export function isSigned(request: Request, body: string, region: string): boolean {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/sns\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/
      .exec(request.headers.get("authorization") ?? "");
  if (match === null) return false;
  const [, key, day, signedRegion, signedHeaders, signature] = match;
  const date = request.headers.get("x-amz-date") ?? "";
  const names = signedHeaders.split(";");
  const sent = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (key !== SNS_KEY.id || signedRegion !== region || !date.startsWith(day)) return false;
  if (!(Math.abs(Date.now() - sent) < 15 * 60_000)) return false;
  if (!names.includes("host") || !names.includes("x-amz-date")) return false;

  const url = new URL(request.url);
  const canonical = [
    request.method,
    url.pathname,
    "",
    ...names.map((name) => `${name}:${(request.headers.get(name) ?? "").trim().replaceAll(/ +/g, " ")}`),
    "",
    signedHeaders,
    sha256(body),
  ].join("\n");
  const scope = `${day}/${region}/sns/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  const signingKey = ["sns", "aws4_request"].reduce(
    (key, part) => hmac(key, part),
    hmac(hmac(`AWS4${SNS_KEY.secret}`, day), region),
  );
  return timingSafeEqual(hmac(signingKey, toSign), Uint8Array.fromHex(signature));
}

/** Answers as SNS does; `published` are the forms that were accepted. */
export function sns(
  region: string,
  published: URLSearchParams[],
): (request: Request) => Promise<Response> {
  return async (request) => {
    const body = await request.text();
    if (!isSigned(request, body, region)) return failure(403, "SignatureDoesNotMatch");
    const form = new URLSearchParams(body);
    if (form.get("Action") !== "Publish" || form.get("Version") !== "2010-03-31") {
      return failure(400, "InvalidAction");
    }
    if (!/^[\x20-\x7e]{1,100}$/.test(form.get("Subject") ?? "")) return failure(400, "InvalidParameter");
    published.push(form);
    return new Response(
      `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>` +
        `<MessageId>${crypto.randomUUID()}</MessageId></PublishResult></PublishResponse>`,
      { headers: { "content-type": "text/xml" } },
    );
  };
}
