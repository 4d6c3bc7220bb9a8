// SPDX-License-Identifier: Apache-2.0
// Numbered notices, and how their lines stand on the sheet.
export const KINDS = ["urge", "supervise", "rectify", "interview"] as const;
export type NoticeKind = (typeof KINDS)[number];

export interface Notice {
  id: string;
  number: string;
  kind: NoticeKind;
  title?: string;
  unit: string;
  unit_name: string;
  issued_at: string | null;
  by: string;
  reply_by: string | null;
  copy_to: string[];
  copy_names?: string[];
  cases: string[];
  text?: string;
  lines?: string[];
}

export interface Sheet {
  title: string;
  number: string;
  to: string;
  body: string[];
  copies: string;
  office: string;
  date: string;
}

/** Title, number and addressee come first; copies, the office and the date last. */
export function sheetOf(notice: Notice): Sheet {
  const lines = (notice.lines ?? []).slice();
  const title = lines.shift() ?? "";
  const number = notice.number !== "" && lines[0] === notice.number ? (lines.shift() ?? "") : "";
  const to = lines.shift() ?? "";
  const date = lines.pop() ?? "";
  const isCopies = (line: string) => /^(抄送：|Copy to: )/.test(line);
  const last = lines[lines.length - 1] ?? "";
  const signed = lines.length > 1 && !isCopies(last) && !/[。.：:]$/.test(last) && last.length < 40;
  const office = signed ? (lines.pop() ?? "") : "";
  const copies = isCopies(lines[lines.length - 1] ?? "") ? (lines.pop() ?? "") : "";
  return { title, number, to, body: lines, copies, office, date };
}
