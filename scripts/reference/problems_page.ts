/** docs/reference/problems.md: every type of problem. */

import { PROBLEM_KINDS, type ProblemKind, type ProblemType, problemUrn } from "../../shared/problem.ts";
import { cell, code, markdownTable, page } from "./markdown.ts";

const EXAMPLE = {
  type: problemUrn("invalid-parameter"),
  title: PROBLEM_KINDS["invalid-parameter"].title,
  status: 400,
  detail:
    'Cannot read the parameter hours as it must be a whole number from 1 to 2160: current value is "never"',
};

export function problemsPage(): string {
  const kinds = Object.entries(PROBLEM_KINDS) as [ProblemType, ProblemKind][];
  return page("Problems", [
    "Errors are answered as `application/problem+json` (RFC 9457). `type` is stable and `title` goes with it; `detail` " +
    "says what was wrong this time, for people.",
    code(JSON.stringify(EXAMPLE, null, 2), "json"),
    ...kinds.flatMap(([type, { title, statuses, remedy, headers = {}, members = {} }]) => {
      const more = [
        ...Object.entries(headers).map(([name, says]) => ["header", `\`${name}\``, cell(says)]),
        ...Object.entries(members).map(([name, says]) => ["member", `\`${name}\``, cell(says)]),
      ];
      return [
        `## ${type}`,
        `\`${problemUrn(type)}\`, status ${statuses.join(" or ")}: **${title}**`,
        `${remedy}.`,
        ...more.length === 0 ? [] : [markdownTable(["", "", "what it says"], more)],
      ];
    }),
  ]);
}
