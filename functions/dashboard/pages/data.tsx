/** The data as such: what there is, what it is made of, what is in the lake, what could not be accepted. */

import type { FunctionComponent, JSX } from "preact";
import { Catalogue } from "../components/catalogue.tsx";
import { DeadLetters } from "../components/dead_letters.tsx";
import { LakeContents } from "../components/lake_contents.tsx";
import { LineagePart } from "../components/lineage.tsx";
import { Nothing } from "../components/shown.tsx";
import { address, type Route } from "../route.ts";

interface Part {
  /** In the address. */
  readonly name: string;
  readonly title: string;
  readonly component: FunctionComponent<{ readonly route: Route }>;
}

const PARTS: readonly Part[] = [
  { name: "catalogue", title: "Catalogue", component: Catalogue },
  { name: "lineage", title: "Lineage", component: LineagePart },
  { name: "lake", title: "Lake", component: LakeContents },
  { name: "dead-letters", title: "Dead letters", component: DeadLetters },
];

/** The page. */
export function DataPage({ route }: { route: Route }): JSX.Element {
  const shown = route.subject ?? PARTS[0].name;
  const part = PARTS.find(({ name }) => name === shown);
  return (
    <>
      <div class="head">
        <h1>Data</h1>
        <nav class="tabs aside" aria-label="Parts of the data">
          {PARTS.map(({ name, title }) => (
            <a key={name} href={address("data", name)} aria-current={name === shown ? "page" : undefined}>
              {title}
            </a>
          ))}
        </nav>
      </div>
      {part === undefined
        ? (
          <Nothing title="There is no such part">
            <p>Nothing of the data is called “{shown}”.</p>
          </Nothing>
        )
        : <part.component route={route} />}
    </>
  );
}
