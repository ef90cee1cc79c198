/** Who looks at the dashboard: a user of the project's Auth, or whoever has pasted a key. */

import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Configuration } from "./configuration.ts";

/** Whoever is signed in. */
export type Viewer =
  | { readonly kind: "user"; readonly name: string; readonly clearance: string }
  | { readonly kind: "key"; readonly name: string };

/** What a user has whose token says nothing: see sql/10_platform/may_read.sql. */
const DEFAULT_CLEARANCE = "internal";

/** Gone with the tab: a key opens far more than one person's session does. */
const KEY_ITEM = "spool.key";

/** What is shown of a key: enough to tell two apart. */
function masked(key: string): string {
  return key.length > 12 ? `${key.slice(0, 9)}…${key.slice(-2)}` : "a key";
}

/** The session of this tab. */
export class Session {
  /** Signed in as the user; kept by supabase-js, which also renews its token. */
  readonly #auth: SupabaseClient;
  readonly #listeners = new Set<() => void>();
  #client: SupabaseClient;
  #key: string | null;
  #viewer: Viewer | undefined;

  constructor(readonly configuration: Configuration) {
    const { supabaseUrl, publishableKey } = configuration;
    this.#auth = createClient(supabaseUrl, publishableKey, { auth: { storageKey: "spool.session" } });
    this.#client = this.#auth;
    this.#key = sessionStorage.getItem(KEY_ITEM);
    if (this.#key !== null) this.#useKey(this.#key);
  }

  /** Finds out whether somebody is signed in already. */
  async restore(): Promise<void> {
    this.#auth.auth.onAuthStateChange((_, session) => {
      if (this.#key !== null) return;
      const user = session?.user;
      this.#viewer = user && {
        kind: "user",
        name: user.email ?? user.id,
        clearance: typeof user.app_metadata?.clearance === "string"
          ? user.app_metadata.clearance
          : DEFAULT_CLEARANCE,
      };
      this.#tell();
    });
    await this.#auth.auth.getSession();
  }

  get viewer(): Viewer | undefined {
    return this.#viewer;
  }

  /** supabase-js with the viewer's rights, for what no function answers. */
  get client(): SupabaseClient {
    return this.#client;
  }

  /** Headers with which the functions know the viewer. */
  async headers(): Promise<Record<string, string>> {
    if (this.#key !== null) return { authorization: `Bearer ${this.#key}` };
    const { data } = await this.#auth.auth.getSession();
    return {
      apikey: this.configuration.publishableKey,
      ...(data.session === null ? {} : { authorization: `Bearer ${data.session.access_token}` }),
    };
  }

  /**
   * Signs a user in.
   *
   * @throws {Error} Says why Auth has refused.
   */
  async signIn(email: string, password: string): Promise<void> {
    const { error } = await this.#auth.auth.signInWithPassword({ email, password });
    if (error) throw new Error(error.message, { cause: error });
  }

  /** Takes a key that the project has been seen to accept. */
  signInWithKey(key: string): void {
    sessionStorage.setItem(KEY_ITEM, key);
    this.#useKey(key);
    this.#tell();
  }

  /** Forgets the key, and ends the user's session in this browser. */
  async signOut(): Promise<void> {
    sessionStorage.removeItem(KEY_ITEM);
    this.#key = null;
    this.#client = this.#auth;
    await this.#auth.auth.signOut({ scope: "local" });
    this.#viewer = undefined;
    this.#tell();
  }

  /** Calls a function whenever somebody signs in or out; returns what ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #useKey(key: string): void {
    this.#key = key;
    this.#viewer = { kind: "key", name: masked(key) };
    this.#client = createClient(this.configuration.supabaseUrl, key, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
