/** What is around every page: who is signed in, navigation, the page itself. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAccess } from "../access.ts";
import { PAGES } from "../pages/pages.ts";
import { address, useRoute } from "../route.ts";
import { theme, toggleTheme } from "../theme.ts";
import { SignIn } from "./sign_in.tsx";

function ThemeToggle(): JSX.Element {
  const [shown, setShown] = useState(theme());
  const other = shown === "dark" ? "light" : "dark";
  return (
    <button
      type="button"
      class="quiet"
      aria-label={`Change to ${other} colours`}
      title={`Change to ${other} colours`}
      onClick={() => {
        toggleTheme();
        setShown(theme());
      }}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6" />
        <path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" fill="currentColor" />
      </svg>
    </button>
  );
}

/** The dashboard, or the way into it. */
export function Dashboard(): JSX.Element {
  const access = useAccess();
  const route = useRoute();
  const [, setViewer] = useState(access.session.viewer);
  const main = useRef<HTMLElement>(null);
  const page = PAGES.find(({ name }) => name === route.page);

  useEffect(() => access.session.subscribe(() => setViewer(access.session.viewer)), [access]);
  useEffect(() => {
    document.title = [route.subject ?? page?.title ?? "Not found", "Spool"].join(" · ");
  }, [route.page, route.subject]);

  const viewer = access.session.viewer;
  if (viewer === undefined) return <SignIn />;
  const inNavigation = page?.under ?? page?.name;
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the page
      </a>
      <header class="top">
        <a class="brand" href={address("fleet")}>
          <img src="icon.svg" alt="" width="22" height="22" />Spool
        </a>
        <nav aria-label="Pages">
          {PAGES.filter(({ under }) => under === undefined).map(({ name, title }) => (
            <a key={name} href={address(name)} aria-current={name === inNavigation ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <div class="viewer">
          <span
            class="who"
            title={viewer.kind === "user"
              ? `Signed in, clearance ${viewer.clearance}`
              : "Signed in with a key"}
          >
            {viewer.name}
          </span>
          <ThemeToggle />
          <button type="button" class="quiet" onClick={() => access.session.signOut()}>Sign out</button>
        </div>
      </header>
      <main ref={main} id="main" tabIndex={-1}>
        {page === undefined
          ? (
            <div class="note">
              <h1>There is no such page</h1>
              <p>
                Nothing is called “{route.page}”. <a href={address("fleet")}>Go to the fleet</a>
              </p>
            </div>
          )
          : <page.component key={`${route.page}/${route.subject}`} route={route} />}
      </main>
    </>
  );
}
