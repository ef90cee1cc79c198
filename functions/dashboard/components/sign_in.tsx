/** The way in: e-mail and password, or a key. */

import type { JSX, TargetedSubmitEvent } from "preact";
import { useState } from "preact/hooks";
import { useAccess } from "../access.ts";

/**
 * Whether the project knows a key. One that may not see alerts is accepted all the same: each page says what it may not
 * show.
 */
async function refusalOfKey(supabaseUrl: string, key: string): Promise<string | undefined> {
  const response = await fetch(`${supabaseUrl}/functions/v1/quality/alerts?limit=1`, {
    headers: { authorization: `Bearer ${key}` },
  });
  if (response.ok || response.status === 403) return undefined;
  const problem = await response.json().catch(() => ({}));
  return problem.detail ?? `The project answered ${response.status}`;
}

/** The form that everybody sees who is not signed in. */
export function SignIn(): JSX.Element {
  const { session } = useAccess();
  const [way, setWay] = useState<"password" | "key">("password");
  const [refusal, setRefusal] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name) ?? "").trim();
    setBusy(true);
    setRefusal(undefined);
    try {
      if (way === "password") await session.signIn(text("email"), String(given.get("password") ?? ""));
      else {
        const refused = await refusalOfKey(session.configuration.supabaseUrl, text("key"));
        if (refused === undefined) session.signInWithKey(text("key"));
        else setRefusal(refused);
      }
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>
          <img src="icon.svg" alt="" width="28" height="28" />Spool
        </h1>
        <fieldset class="choice">
          <legend class="unseen">How to sign in</legend>
          {(["password", "key"] as const).map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="way"
                value={name}
                checked={way === name}
                onChange={() => {
                  setWay(name);
                  setRefusal(undefined);
                }}
              />
              {name === "password" ? "E-mail" : "Key"}
            </label>
          ))}
        </fieldset>
        {way === "password"
          ? (
            <>
              <label>
                E-mail
                <input name="email" type="email" autocomplete="username" required />
              </label>
              <label>
                Password
                <input name="password" type="password" autocomplete="current-password" required />
              </label>
            </>
          )
          : (
            <label>
              Key
              <input name="key" type="password" autocomplete="off" spellcheck={false} required />
              <small>
                A secret key of the project reads and changes everything. It stays in this tab, and goes with
                it.
              </small>
            </label>
          )}
        {refusal !== undefined && <p class="refused" role="alert">{refusal}</p>}
        <button type="submit" class="primary" disabled={busy}>{busy ? "Signing in …" : "Sign in"}</button>
        <p class="where">{new URL(session.configuration.supabaseUrl).host}</p>
      </form>
    </main>
  );
}
