/** What a check is called. */

/** `nulls s11`: the check, and its column where it is about one. */
export function checkName(
  { metric_name, column_name }: { readonly metric_name: string; readonly column_name: string | null },
): string {
  return column_name === null ? metric_name : `${metric_name} ${column_name}`;
}
