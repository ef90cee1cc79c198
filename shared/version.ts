/** The version of this code, as it stands on every batch and every lineage event that it writes. */
export const VERSION = "0.4.0";
