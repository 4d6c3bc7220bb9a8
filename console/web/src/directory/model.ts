// SPDX-License-Identifier: Apache-2.0
// Units, people and matters of the configuration as trees and lists for people to look at, and
// tables pasted or read from CSV put into them. Nothing here removes anybody.
import { listOf, objectsOf, textOf, textsOf } from "../change/json";
import type { JsonObject } from "../change/json";

export interface UnitNode {
  id: string;
  name: string;
  unit: JsonObject;
  children: UnitNode[];
  depth: number;
}

/** Units below their parents; one whose parent is unknown, or in a circle, stands on top. */
export function unitTree(root: JsonObject | null): UnitNode[] {
  const nodes = new Map<string, UnitNode>();
  for (const unit of objectsOf(root?.units)) {
    const id = textOf(unit.id);
    nodes.set(id, { id, name: textOf(unit.name), unit, children: [], depth: 0 });
  }
  const tops: UnitNode[] = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(textOf(node.unit.parent));
    if (parent && !isBelow(parent, node, nodes)) {
      parent.children.push(node);
    } else {
      tops.push(node);
    }
  }
  return tops;
}

function isBelow(start: UnitNode, node: UnitNode, nodes: Map<string, UnitNode>): boolean {
  let at: UnitNode | undefined = start;
  for (let steps = 0; at && steps <= nodes.size; steps += 1) {
    if (at === node) {
      return true;
    }
    at = nodes.get(textOf(at.unit.parent));
  }
  return at !== undefined;
}

/** The tree line by line, children below parents. */
export function flat(nodes: UnitNode[], depth = 0): UnitNode[] {
  return nodes.flatMap((node) => [{ ...node, depth }, ...flat(node.children, depth + 1)]);
}

export interface MatterNode {
  id: string;
  title: string;
  owner: string;
  unit: string;
  children: MatterNode[];
}

/** Main items with their sub-items; a sub-item whose main item is unknown stands by itself. */
export function matterTree(root: JsonObject | null): MatterNode[] {
  const all = objectsOf(root?.matters).map((matter) => ({
    parent: textOf(matter.parent),
    node: {
      id: textOf(matter.id),
      title: textOf(matter.title),
      owner: textOf(matter.owner),
      unit: textOf(matter.unit),
      children: [] as MatterNode[],
    },
  }));
  const byId = new Map(all.map((item) => [item.node.id, item.node]));
  const tops: MatterNode[] = [];
  for (const { parent, node } of all) {
    const above = parent === node.id ? undefined : byId.get(parent);
    (above ? above.children : tops).push(node);
  }
  return tops;
}

/** What a person is in the units: "unit id" → words" keys. */
export function officesOf(
  root: JsonObject | null, person: string): { unit: string; office: string }[] {
  const offices: { unit: string; office: string }[] = [];
  for (const unit of objectsOf(root?.units)) {
    for (const office of ["head", "deputy_head", "leader", "clerk"]) {
      if (unit[office] === person) {
        offices.push({ unit: textOf(unit.id), office });
      }
    }
    if (textsOf(unit.handlers).includes(person)) {
      offices.push({ unit: textOf(unit.id), office: "handler" });
    }
  }
  return offices;
}

// ---- tables ----

/** Rows of a CSV or of cells pasted from a sheet. */
export function readTable(text: string): string[][] {
  const separator = text.split("\n", 1)[0].includes("\t") ? "\t" : ",";
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const body = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  for (let i = 0; i < body.length; i += 1) {
    const char = body[i];
    if (quoted && char === '"' && body[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (char === '"' && (quoted || cell === "")) {
      quoted = !quoted;
    } else if (!quoted && (char === separator || char === "\n")) {
      rows[rows.length - 1].push(cell.trim());
      cell = "";
      if (char === "\n") {
        rows.push([]);
      }
    } else {
      cell += char;
    }
  }
  rows[rows.length - 1].push(cell.trim());
  return rows.filter((row) => row.some((value) => value !== ""));
}

const PEOPLE_HEADS: Record<string, string> = {
  id: "id",
  编号: "id",
  工号: "id",
  name: "name",
  姓名: "name",
  unit: "unit",
  单位: "unit",
  单位编号: "unit",
  mobile: "mobile",
  手机: "mobile",
  手机号: "mobile",
  手机号码: "mobile",
  dingtalk: "dingtalk",
  钉钉: "dingtalk",
  zwdd: "zwdd",
  浙政钉: "zwdd",
  wecom: "wecom",
  企业微信: "wecom",
  email: "email",
  邮箱: "email",
};

const MATTER_HEADS: Record<string, string> = {
  id: "id",
  编号: "id",
  事项编号: "id",
  title: "title",
  名称: "title",
  事项: "title",
  事项名称: "title",
  parent: "parent",
  大项: "parent",
  上级事项: "parent",
  unit: "unit",
  单位: "unit",
  责任单位: "unit",
  owner: "owner",
  责任人: "owner",
};

export interface TableResult {
  added: number;
  changed: number;
  same: number;
  troubles: { row: number; key: string; value: string }[];
}

interface TableWish {
  list: string;
  heads: Record<string, string>;
  needed: string[]; // of a new row
  table: string[][];
}

function takeRow(found: JsonObject | undefined, row: JsonObject, result: TableResult): void {
  const news = Object.entries(row).filter(([key, value]) => value !== "" && found?.[key] !== value);
  if (!found) {
    result.added += 1;
  } else if (news.length === 0) {
    result.same += 1;
  } else {
    result.changed += 1;
    for (const [key, value] of news) {
      found[key] = value;
    }
  }
}

function takeTable(root: JsonObject, wish: TableWish): TableResult {
  const result: TableResult = { added: 0, changed: 0, same: 0, troubles: [] };
  const [head, ...rows] = wish.table;
  const keys = (head ?? []).map((word) => wish.heads[word.replace(/\s/g, "").toLowerCase()] ?? "");
  for (const needed of ["id"]) {
    if (!keys.includes(needed)) {
      result.troubles.push({ row: 1, key: "column", value: needed });
      return result;
    }
  }
  const items = listOf(root[wish.list]).slice();
  const byId = new Map(objectsOf(items).map((item) => [textOf(item.id), item]));
  rows.forEach((cells, index) => {
    const row: JsonObject = {};
    keys.forEach((key, column) => {
      if (key !== "" && (cells[column] ?? "") !== "") {
        row[key] = cells[column];
      }
    });
    const found = byId.get(textOf(row.id));
    const missing = wish.needed.find((key) => !found && textOf(row[key]) === "");
    if (missing !== undefined || textOf(row.id) === "") {
      result.troubles.push({ row: index + 2, key: "missing", value: missing ?? "id" });
      return;
    }
    takeRow(found, row, result);
    if (!found) {
      items.push(row);
      byId.set(textOf(row.id), row);
    }
  });
  root[wish.list] = items;
  return result;
}

/** Put a table of people into a directory; works on the object given. */
export function takePeople(root: JsonObject, table: string[][]): TableResult {
  return takeTable(root, { list: "people", heads: PEOPLE_HEADS, needed: ["id", "name"], table });
}

export function takeMatters(root: JsonObject, table: string[][]): TableResult {
  return takeTable(root, { list: "matters", heads: MATTER_HEADS, needed: ["id", "title"], table });
}
