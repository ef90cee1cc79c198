/** Posting to somebody else's server, of which nothing can be expected. */

/** What became of one try. `error` is to be stored and shown: it names a host at most, never an address or key. */
export type SendOutcome =
  | { readonly outcome: "sent"; readonly answer?: string }
  /** Worth another try, not before `retryAfterMs` where the receiver said so. */
  | { readonly outcome: "retry"; readonly error: string; readonly retryAfterMs?: number }
  /** The same again would be refused again. */
  | { readonly outcome: "refused"; readonly error: string; readonly status?: number };

/** Longest wait that a receiver can ask for; what it says may be wrong, too. */
const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** What a failed connection's error says, and what of it may be stored. The error itself quotes the URL. */
const FAULTS: readonly [RegExp, string][] = [
  [/refused/i, "the connection was refused"],
  [/certificate|UnknownIssuer/i, "its certificate is not valid"],
  [/dns|lookup|resolve|not known/i, "its name cannot be resolved"],
  [/tls|ssl|handshake|corrupt message/i, "the TLS handshake failed"],
  [/reset|closed|broken pipe|incomplete|eof/i, "the connection was lost"],
  [/unreachable/i, "the network is unreachable"],
];

function fault(error: unknown, timeoutMs: number): string {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return `no answer within ${timeoutMs / 1000} s`;
  }
  const text = error instanceof Error ? `${error.message} ${error.cause}`.replace(/for url \(.*?\)/, "") : "";
  return FAULTS.find(([pattern]) => pattern.test(text))?.[1] ?? "the connection failed";
}

/** Milliseconds that a Retry-After header asks for: seconds, or an HTTP date. */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS);
}

/** Codes with which AWS says that it cannot be done at the moment, some of them with status 400. */
const BUSY = /Throttl|^(Request|Resource)LimitExceeded$|^ConflictException$/;

/** The first 4 KiB of a body: all that a reason is looked for in, however much comes. */
async function beginning(response: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length >= 4096) break; // which also cancels the rest
  }
  return text.slice(0, 4096);
}

/**
 * Posts a message. Does not throw: every failure is an outcome.
 *
 * Redirects are not followed: an address is a secret, and another host must not be handed what was meant for it.
 *
 * @param what What it is, for the error: alert, event.
 * @param reason Finds the receiver's code for what is wrong in its answer. The rest of an answer is not stored: a
 *   page that says "not found" quotes the path, which is the secret.
 * @param answer Finds what is to be kept of the answer to a message that was accepted; without it nothing is read.
 */
export async function post(
  request: Request,
  what: string,
  timeoutMs: number,
  reason: RegExp,
  answer?: RegExp,
): Promise<SendOutcome> {
  const { host } = new URL(request.url);
  try {
    const response = await fetch(request, { redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    const { ok, status } = response;
    if (ok && answer !== undefined) {
      return { outcome: "sent", answer: answer.exec(await beginning(response).catch(() => ""))?.[1] };
    }
    if (ok) {
      response.body?.cancel().catch(() => {}); // it has been accepted, whatever becomes of the rest
      return { outcome: "sent" };
    }
    const code = reason.exec(await beginning(response).catch(() => ""))?.[1];
    const error = `Cannot deliver to ${host} as it must accept the ${what}: ` +
      `it answered ${status}${code === undefined || request.url.includes(code) ? "" : ` ${code}`}`;
    if (status >= 500 || [408, 425, 429].includes(status) || BUSY.test(code ?? "")) {
      return { outcome: "retry", error, retryAfterMs: retryAfterMs(response.headers.get("retry-after")) };
    }
    return { outcome: "refused", error, status };
  } catch (error) {
    return {
      outcome: "retry",
      error: `Cannot deliver to ${host} as it must be reachable: ${fault(error, timeoutMs)}`,
    };
  }
}
