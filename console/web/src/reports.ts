// SPDX-License-Identifier: Apache-2.0
// The monthly report and the previews of what is sent, as the service gives them.
import type { FigureLine, Ranked } from "./figures";
import type { Rate } from "./types";

/** A line is text; one that the service marks may be a heading or an item of a list. */
export type Line = string | { kind?: string; text: string };

export interface MonthReport {
  month: string;
  title: string;
  lines: Line[];
  ranking: Ranked[];
  families: Rate[];
  total?: FigureLine;
  comparison: Record<string, (Partial<FigureLine> & { month?: string; families?: Rate[] }) | null> | null;
  accountability: { id?: string; who?: string; who_name?: string; unit_name?: string; misses: number }[];
  charts?: { months?: (FigureLine & { month: string; families: Rate[] })[] } | null;
}

export interface Preview {
  date?: string;
  title?: string;
  lines: Line[];
  to?: string[];
  to_names?: string[];
}

export function lineText(line: Line): string {
  return typeof line === "string" ? line : line.text;
}
