/** The one way to the data: the functions and the Data API, with the viewer's rights. */

import type { SupabaseClient } from "@supabase/supabase-js";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Session } from "./session.ts";

/** What the project has answered instead of data: problem details, or nothing at all. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  /** @param status HTTP status; 0 when there was no answer. */
  constructor(readonly status: number, readonly title: string, readonly detail: string) {
    super(detail);
  }
}

/** Values of a query; those that are undefined are left out. */
export type Parameters = Readonly<Record<string, string | number | undefined>>;

/** Reads and writes as the viewer. */
export class Access {
  constructor(readonly session: Session) {}

  /**
   * Reads from a function.
   *
   * @param path `/quality/summary`
   * @throws {Refusal}
   */
  async read<Answer>(path: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<Answer> {
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
    const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    return await this.#ask<Answer>(given.length === 0 ? path : `${path}?${query}`, { signal });
  }

  /**
   * Reads a whole list, page after page.
   *
   * @param member Name of the list in the answer.
   * @throws {Refusal}
   */
  async readAll<Row>(
    path: string,
    member: string,
    parameters: Parameters = {},
    signal?: AbortSignal,
  ): Promise<Row[]> {
    const rows: Row[] = [];
    let cursor: string | number | undefined;
    do {
      const page: Record<string, unknown> & { next: string | number | null } = await this.read(
        path,
        { ...parameters, limit: 1000, cursor },
        signal,
      );
      rows.push(...page[member] as Row[]);
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    return rows;
  }

  /**
   * Sends something to a function.
   *
   * @throws {Refusal}
   */
  async write<Answer>(path: string, body: unknown = {}): Promise<Answer> {
    return await this.#ask<Answer>(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  }

  /**
   * Reads rows through the Data API: what no function answers.
   *
   * Row-level security shows an empty table to those who may not read it, so an empty answer is asked about.
   *
   * @param asset Table or view that the query reads.
   * @throws {Refusal} 403 also when the list is empty because the viewer may not read the asset.
   */
  async rows<Row>(
    asset: string,
    query: (client: SupabaseClient) => PromiseLike<
      { data: unknown; error: { message: string; code?: string } | null; status: number }
    >,
  ): Promise<Row[]> {
    const { client } = this.session;
    const { data, error, status } = await query(client);
    if (error !== null) throw new Refusal(status, refusalTitle(status), error.message);
    const rows = data as Row[];
    if (rows.length > 0) return rows;
    const { data: readable, error: unknown } = await client.rpc("may_read", { asset });
    if (unknown === null && readable === true) return rows;
    throw new Refusal(403, refusalTitle(403), `Cannot read ${asset} as the viewer must have the right to`);
  }

  /** Why this viewer cannot write; undefined when they can try. */
  get readOnly(): string | undefined {
    return this.session.viewer?.kind === "key"
      ? undefined
      : "Signed-in users read. Changing something needs a secret key: sign out, and sign in with one";
  }

  async #ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
    const { supabaseUrl } = this.session.configuration;
    let response: Response;
    try {
      response = await fetch(`${supabaseUrl}/functions/v1${path}`, {
        ...init,
        headers: { ...await this.session.headers(), ...init.headers },
      });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new Refusal(0, "No answer", `${new URL(supabaseUrl).host} cannot be reached from here`);
    }
    if (response.ok) return await response.json();
    const problem = await response.json().catch(() => ({}));
    throw new Refusal(
      response.status,
      problem.title ?? refusalTitle(response.status),
      problem.detail ?? `The answer was ${response.status}`,
    );
  }
}

function refusalTitle(status: number): string {
  if (status === 0) return "No answer";
  if (status === 401) return "A valid key is needed";
  if (status === 403) return "You may not see this";
  return "The project could not answer";
}

export const AccessContext = createContext<Access | undefined>(undefined);

/** The viewer's access. */
export function useAccess(): Access {
  return useContext(AccessContext)!;
}
