/** What is in the lake, prefix by prefix, and whether it is what was written. */

import type { JSX } from "preact";
import type { z } from "zod";
import type { LakeObject } from "../../catalog/rows.ts";
import { useAccess } from "../access.ts";
import { ago, moment, number, plural } from "../format.ts";
import { useLoaded } from "../loaded.ts";
import { address, type Route } from "../route.ts";
import { size } from "../sizes.ts";
import { type Column, DataTable } from "./data_table.tsx";
import { Nothing, Shown } from "./shown.tsx";
import { Status } from "./status.tsx";
import { Strip } from "./strip.tsx";

type Stored = z.output<typeof LakeObject>;

/** An object, or everything below a prefix. */
interface Entry {
  readonly name: string;
  readonly prefix: string | undefined;
  readonly objects: readonly Stored[];
}

function entriesOf(objects: readonly Stored[], prefix: string): Entry[] {
  const entries = new Map<string, Stored[]>();
  for (const object of objects) {
    const rest = object.key.slice(prefix.length);
    const name = rest.slice(0, rest.indexOf("/") + 1) || rest;
    const known = entries.get(name);
    if (known === undefined) entries.set(name, [object]);
    else known.push(object);
  }
  return [...entries].map(([name, objects]) => ({
    name,
    prefix: name.endsWith("/") ? prefix + name : undefined,
    objects,
  }));
}

function sum(objects: readonly Stored[], of: (object: Stored) => number | null): number {
  return objects.reduce((total, object) => total + (of(object) ?? 0), 0);
}

function Verified({ objects }: { objects: readonly Stored[] }): JSX.Element {
  const faulty = objects.filter(({ fault }) => fault !== null);
  const verified = objects.filter(({ fault, verified_at }) => fault === null && verified_at !== null);
  if (faulty.length > 0) {
    return <Status word={objects.length === 1 ? "faulty" : `${number(faulty.length)} faulty`} tone="fail" />;
  }
  if (verified.length === objects.length) return <Status word="verified" tone="ok" />;
  return (
    <Status
      word={verified.length === 0
        ? "not read back"
        : `${number(verified.length)} of ${number(objects.length)} verified`}
      tone="unknown"
    />
  );
}

const COLUMNS: readonly Column<Entry>[] = [
  {
    name: "name",
    title: "Name",
    by: ({ name }) => name,
    cell: ({ name, prefix }) =>
      prefix === undefined ? name : <a href={address("data", "lake", { prefix })}>{name}</a>,
  },
  {
    name: "state",
    title: "State",
    by: ({ objects }) => -objects.filter(({ fault }) => fault !== null).length,
    cell: ({ objects }) => <Verified objects={objects} />,
  },
  {
    name: "objects",
    title: "Objects",
    numeric: true,
    by: ({ objects }) => objects.length,
    cell: ({ objects }) => number(objects.length),
  },
  {
    name: "rows",
    title: "Readings",
    numeric: true,
    by: ({ objects }) => sum(objects, ({ row_count }) => row_count),
    cell: ({ objects }) =>
      number(
        objects.every(({ row_count }) => row_count === null)
          ? null
          : sum(objects, ({ row_count }) => row_count),
      ),
  },
  {
    name: "size",
    title: "Size",
    numeric: true,
    by: ({ objects }) => sum(objects, ({ bytes }) => bytes),
    cell: ({ objects }) => size(sum(objects, ({ bytes }) => bytes)),
  },
  {
    name: "written",
    title: "Written",
    by: ({ objects }) => objects.map(({ written_at }) => written_at).sort().at(-1),
    cell: ({ objects }) => {
      const latest = objects.map(({ written_at }) => written_at).sort().at(-1);
      return <span title={`${moment(latest)} UTC`}>{ago(latest)}</span>;
    },
  },
  {
    name: "verified",
    title: "Read back",
    by: ({ objects }) => objects.map(({ verified_at }) => verified_at ?? "").sort()[0],
    cell: ({ objects }) =>
      ago(objects.map(({ verified_at }) => verified_at).filter((at) => at !== null).sort().at(-1)),
  },
  {
    name: "fault",
    title: "Fault",
    wide: true,
    cell: ({ objects }) => objects.find(({ fault }) => fault !== null)?.fault ?? "",
  },
];

/** The prefix with a way back to each of those above it. */
function Crumbs({ prefix }: { prefix: string }): JSX.Element {
  const parts = prefix.split("/").slice(0, -1);
  return (
    <nav class="row crumbs" aria-label="Where in the lake">
      <a href={address("data", "lake")}>lake</a>
      {parts.map((part, index) => {
        const above = `${parts.slice(0, index + 1).join("/")}/`;
        return above === prefix
          ? <span key={above} aria-current="page">{part}</span>
          : <a key={above} href={address("data", "lake", { prefix: above })}>{part}</a>;
      })}
    </nav>
  );
}

/** The part of the page. */
export function LakeContents({ route }: { route: Route }): JSX.Element {
  const access = useAccess();
  const prefix = route.settings.get("prefix") ?? "";
  const objects = useLoaded(
    (signal) => access.readAll<Stored>("/catalog/lake", "objects", { prefix: prefix || undefined }, signal),
    [access, prefix],
  );
  return (
    <Shown data={objects} what="the lake">
      {(objects) => {
        if (objects.length === 0) {
          return (
            <Nothing title={prefix === "" ? "The lake is empty" : `Nothing is below ${prefix}`}>
              <p>
                Each day is written two hours after its end, by the pipeline{" "}
                <a href={address("pipeline", "daily")}>daily</a>.
              </p>
              <pre>deno task export</pre>
            </Nothing>
          );
        }
        const faulty = objects.filter(({ fault }) => fault !== null).length;
        const verified =
          objects.filter(({ fault, verified_at }) => fault === null && verified_at !== null).length;
        return (
          <>
            <Strip
              label="The lake in numbers"
              figures={[
                { label: "Objects", value: number(objects.length) },
                { label: "Size", value: size(sum(objects, ({ bytes }) => bytes)) },
                { label: "Readings", value: number(sum(objects, ({ row_count }) => row_count)) },
                { label: "Verified", value: number(verified), tone: "ok" },
                { label: "Faulty", value: number(faulty), tone: faulty > 0 ? "fail" : "ok" },
                {
                  label: "Not read back",
                  value: number(objects.length - verified - faulty),
                  tone: "unknown",
                },
              ]}
            />
            <section class="panel">
              <Crumbs prefix={prefix} />
              <DataTable
                label="Contents of the lake"
                rows={entriesOf(objects, prefix)}
                columns={COLUMNS}
                keyOf={({ name }) => name}
                route={route}
              />
              <p class="legend">{plural(objects.length, "object")} here and below</p>
            </section>
          </>
        );
      }}
    </Shown>
  );
}
