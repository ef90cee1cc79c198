/** The dashboard: configuration, session, page. */

import { render } from "preact";
import { Access, AccessContext } from "./access.ts";
import { Dashboard } from "./components/dashboard.tsx";
import { readConfiguration } from "./configuration.ts";
import { Session } from "./session.ts";
import { restoreTheme } from "./theme.ts";

const place = document.getElementById("app")!;
restoreTheme();
try {
  const session = new Session(await readConfiguration());
  await session.restore();
  place.textContent = "";
  render(
    <AccessContext.Provider value={new Access(session)}>
      <Dashboard />
    </AccessContext.Provider>,
    place,
  );
} catch (error) {
  place.textContent = "";
  const message = error instanceof Error ? error.message : String(error);
  render(<p class="starting" role="alert">{message}</p>, place);
}
