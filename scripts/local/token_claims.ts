/** What a hosted project's tokens say and those of @supabase/lite 0.10.0 do not: app_metadata, which clearance is read from. */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

/** An answer of Auth that brings a session. */
interface SessionAnswer {
  readonly access_token: string;
  readonly user: { readonly app_metadata: Record<string, unknown> };
}

function isSession(body: unknown): body is SessionAnswer {
  return typeof body === "object" && body !== null && "access_token" in body &&
    typeof body.access_token === "string" && "user" in body && typeof body.user === "object" &&
    body.user !== null && "app_metadata" in body.user && typeof body.user.app_metadata === "object";
}

function signed(header: string, claims: object, secret: string): string {
  const content = `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}

/**
 * Writes app_metadata of the user into the token of a session, and signs it again. Any other answer stays as it is.
 *
 * @param secret With which Auth signs.
 */
export async function withAppMetadata(response: Response, secret: string): Promise<Response> {
  if (!response.ok || !response.headers.get("content-type")?.includes("json")) return response;
  const body: unknown = await response.clone().json();
  if (!isSession(body)) return response;
  const [header, payload] = body.access_token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const access_token = signed(header, { ...claims, app_metadata: body.user.app_metadata }, secret);
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return new Response(JSON.stringify({ ...body, access_token }), { status: response.status, headers });
}
