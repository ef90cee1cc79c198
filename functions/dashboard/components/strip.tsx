/** The numbers at the top of a page, side by side. */

import type { ComponentChildren, JSX } from "preact";
import type { Tone } from "./status.tsx";
import { Shape } from "./status.tsx";

/** One of the numbers. */
export interface Figure {
  readonly label: string;
  readonly value: ComponentChildren;
  /** What makes the number understood: its unit, what it is compared with. */
  readonly note?: ComponentChildren;
  readonly tone?: Tone;
  /** Where more is said about it. */
  readonly href?: string;
}

/** Numbers with their names. */
export function Strip({ figures, label }: { figures: readonly Figure[]; label: string }): JSX.Element {
  return (
    <section class="strip" aria-label={label}>
      <dl>
        {figures.map(({ label, value, note, tone, href }) => (
          <div key={label}>
            <dt>{tone !== undefined && <Shape tone={tone} />}{label}</dt>
            <dd>
              {href === undefined ? value : <a href={href}>{value}</a>}
              {note !== undefined && <small>{note}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
