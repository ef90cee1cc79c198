/** A stand-in for SNS that checks signatures itself. */

import { isSignedFor } from "./signature.ts";

export const SNS_KEY = { id: "AKIATESTTESTTESTTEST", secret: "sns/secret+of/the+test/bench/0123456789" };

function failure(status: number, code: string): Response {
  // as SNS does, with the string to sign in the message: nothing of it may be stored
  return new Response(
    `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>The String-to-Sign should have been ${SNS_KEY.secret}</Message></Error>` +
      `<RequestId>0e0f7a64-0000-5000-8000-000000000000</RequestId></ErrorResponse>`,
    { status, headers: { "content-type": "text/xml" } },
  );
}

/** Whether a request is signed with the key, for SNS in the region, now. */
export function isSigned(request: Request, body: string, region: string): boolean {
  return isSignedFor({ key: SNS_KEY, service: "sns", region }, request, body);
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
