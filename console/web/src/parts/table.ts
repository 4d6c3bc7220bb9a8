// SPDX-License-Identifier: Apache-2.0
// What DataTable is told about a column.

export interface Column {
  key: string;
  title: string;
  /** The name to sort by; a column without one cannot be sorted by. */
  sort?: string;
  /** The sort that the first click asks for, when it is not the ascending one. */
  sortFirst?: string;
  align?: "right" | "center";
  /** Not more than one line, or as wide as there is room. */
  fit?: "nowrap" | "wide";
  /** Explains the column; shown on hover and read with it. */
  help?: string;
}
