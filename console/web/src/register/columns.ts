// SPDX-License-Identifier: Apache-2.0
// Which column of a sheet is which member of a case, by its head in either language; names of
// units, matters and people become ids.
import type { Choices } from "@/choices";
import { leafMatters } from "@/choices";
import type { NewCase } from "./types";

export const FIELDS = ["title", "matter", "unit", "handler", "from_unit", "number", "due", "received", "leader", "id"] as const;
export type FieldName = (typeof FIELDS)[number];

const heads: Record<FieldName, string[]> = {
  title: ["标题", "事项名称", "名称", "件名", "内容", "title", "subject"],
  matter: ["事项", "事项编码", "小项", "matter"],
  unit: ["承办单位", "单位", "主办单位", "unit"],
  handler: ["经办人", "承办人", "handler"],
  from_unit: ["来文单位", "交办单位", "来源单位", "from", "from_unit", "sent by"],
  number: ["文号", "编号", "number"],
  due: ["到期", "要求办结时间", "办结期限", "限办日期", "due"],
  received: ["收文日期", "登记日期", "收到时间", "来文日期", "received", "registered"],
  leader: ["分管领导", "领导", "leader"],
  id: ["办件编号", "案件编号", "id", "case"],
};

/** The field of each column, by the first row; null when that row is no head. */
function readHead(cells: string[]): (FieldName | null)[] | null {
  const found = cells.map((cell) => {
    const text = cell.replace(/[\s*（）()]/g, "").toLowerCase();
    return FIELDS.find((field) => heads[field].some((name) => name.replace(/\s/g, "") === text)) ?? null;
  });
  return found.filter(Boolean).length >= 2 ? found : null;
}

const HEAD_WITHIN = 10; // rows: a title and a line about it often stand above

/** The head and what stands below it; without a head all rows, in the standard order. */
export function split(rows: string[][]): { fields: (FieldName | null)[]; body: string[][] } {
  for (let index = 0; index < Math.min(rows.length, HEAD_WITHIN); index++) {
    const head = readHead(rows[index]);
    if (head) {
      return { fields: head, body: rows.slice(index + 1) };
    }
  }
  return { fields: STANDARD.slice(0, rows[0]?.length ?? 0), body: rows };
}

/** Without a head: title, matter, unit, handler, sending unit, number, due. */
const STANDARD: FieldName[] = ["title", "matter", "unit", "handler", "from_unit", "number", "due"];

function instant(text: string, end: boolean): string {
  const match = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T](\d{1,2}):(\d{2}).*)?$/.exec(text.trim());
  if (!match) {
    return text.trim();
  }
  const two = (value: string): string => value.padStart(2, "0");
  const time = match[4] ? `${two(match[4])}:${match[5]}` : end ? "17:30" : "09:00";
  return `${match[1]}-${two(match[2])}-${two(match[3])}T${time}:00+08:00`;
}

/** One row as a case. What no name fits stays as it is: the service says what is wrong with it. */
export function toCase(cells: string[], fields: (FieldName | null)[], choices: Choices): NewCase {
  const row: Record<string, string> = {};
  fields.forEach((field, index) => {
    if (field && cells[index]) {
      row[field] = cells[index];
    }
  });
  const unitId = (name: string): string => choices.units.find((unit) => unit.id === name || unit.name === name)?.id ?? name;
  const unit = row.unit ? unitId(row.unit) : "";
  const matter = leafMatters(choices).find((one) => one.id === row.matter || one.title === row.matter)?.id ?? row.matter ?? "";
  const usual = choices.matters.find((one) => one.id === matter)?.unit ?? "";
  const handlers = choices.units.find((one) => one.id === (unit || usual))?.handlers ?? [];
  const made: NewCase = { title: row.title ?? "", matter, unit: unit || usual };
  if (row.handler) {
    made.handler = handlers.find((person) => person.id === row.handler || person.name === row.handler)?.id ?? row.handler;
  }
  if (row.from_unit) {
    made.from_unit = unitId(row.from_unit);
  }
  if (row.due) {
    made.due = instant(row.due, true);
  }
  if (row.received) {
    made.received = instant(row.received, false);
  }
  for (const name of ["number", "leader", "id"] as const) {
    if (row[name]) {
      made[name] = row[name];
    }
  }
  return made;
}
