// SPDX-License-Identifier: Apache-2.0
// Rows out of a workbook or of what was copied from one: only text and numbers, no formulas run,
// and no more is unpacked than a list of 2000 cases can need.

const UNPACKED_MAX = 32 * 1024 * 1024;
const EPOCH_DAYS = 25569; // of 1970-01-01 in a workbook's count of days

/** Cells of a tab-separated text, as a spreadsheet puts it on the clipboard. */
export function rowsOfText(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const push = (): void => {
    row.push(cell.trim());
    cell = "";
  };
  for (let index = 0; index < text.length; index++) {
    const letter = text[index];
    if (quoted) {
      if (letter === '"' && text[index + 1] === '"') {
        cell += '"';
        index++;
      } else if (letter === '"') {
        quoted = false;
      } else {
        cell += letter;
      }
    } else if (letter === '"' && cell === "") {
      quoted = true;
    } else if (letter === "\t") {
      push();
    } else if (letter === "\n" || letter === "\r") {
      push();
      rows.push(row);
      row = [];
      if (letter === "\r" && text[index + 1] === "\n") {
        index++;
      }
    } else {
      cell += letter;
    }
  }
  push();
  rows.push(row);
  return rows.filter((cells) => cells.some((value) => value !== ""));
}

function parse(bytes: Uint8Array): Document {
  const found = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "application/xml");
  if (found.querySelector("parsererror")) {
    throw new Error("xml");
  }
  return found;
}

const all = (node: Document | Element, name: string): Element[] =>
  Array.from(node.getElementsByTagName("*")).filter((element) => element.localName === name);

/** Text of an entry: its parts in a row, without the reading aids of other languages. */
function joined(node: Element): string {
  return all(node, "t").filter((part) => part.parentElement?.localName !== "rPh")
    .map((part) => part.textContent ?? "").join("");
}

function columnOf(reference: string): number {
  let column = 0;
  for (const letter of reference.replace(/[0-9]/g, "")) {
    column = column * 26 + letter.charCodeAt(0) - 64;
  }
  return column - 1;
}

/** Which cell formats show a date. */
function dateFormats(styles: Document | null): Set<number> {
  const dates = new Set<number>();
  if (!styles) {
    return dates;
  }
  const own = new Map(all(styles, "numFmt").map((format) =>
    [Number(format.getAttribute("numFmtId")), format.getAttribute("formatCode") ?? ""]));
  const formats = all(styles, "cellXfs")[0];
  Array.from(formats?.children ?? []).forEach((format, index) => {
    const id = Number(format.getAttribute("numFmtId"));
    const code = (own.get(id) ?? "").replace(/"[^"]*"|\[[^\]]*\]/g, "");
    if ((id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58) || /[yd]/i.test(code)) {
      dates.add(index);
    }
  });
  return dates;
}

function dateText(days: number): string {
  return new Date(Math.round((days - EPOCH_DAYS) * 86400) * 1000).toISOString().slice(0, 16).replace("T", " ").replace(" 00:00", "");
}

/** Cells of the first sheet of a workbook. Throws when it is none. */
export async function rowsOfWorkbook(bytes: Uint8Array): Promise<string[][]> {
  const { unzipSync } = await import("fflate");
  let unpacked = 0;
  const files = unzipSync(bytes, {
    filter(file) {
      const wanted = /^xl\/(workbook\.xml|sharedStrings\.xml|styles\.xml|_rels\/workbook\.xml\.rels|worksheets\/[^/]+\.xml)$/.test(file.name);
      unpacked += wanted ? file.originalSize : 0;
      if (unpacked > UNPACKED_MAX) {
        throw new Error("size");
      }
      return wanted;
    },
  });
  const strings = files["xl/sharedStrings.xml"] ? all(parse(files["xl/sharedStrings.xml"]), "si").map(joined) : [];
  const dates = dateFormats(files["xl/styles.xml"] ? parse(files["xl/styles.xml"]) : null);
  const sheet = parse(files[firstSheet(files)]);
  return all(sheet, "row").map((row) => {
    const cells: string[] = [];
    for (const cell of all(row, "c")) {
      const kind = cell.getAttribute("t");
      const raw = all(cell, "v")[0]?.textContent ?? "";
      const value = kind === "s" ? (strings[Number(raw)] ?? "") : kind === "inlineStr" ? joined(cell)
        : !kind && raw && dates.has(Number(cell.getAttribute("s") ?? -1)) ? dateText(Number(raw)) : raw;
      cells[columnOf(cell.getAttribute("r") ?? "A")] = value.trim();
    }
    return Array.from(cells, (value) => value ?? "");
  }).filter((cells) => cells.some((value) => value !== ""));
}

function firstSheet(files: Record<string, Uint8Array>): string {
  const book = files["xl/workbook.xml"] ? parse(files["xl/workbook.xml"]) : null;
  const links = files["xl/_rels/workbook.xml.rels"] ? parse(files["xl/_rels/workbook.xml.rels"]) : null;
  const first = book ? all(book, "sheet")[0] : undefined;
  const id = first ? Array.from(first.attributes).find((part) => part.localName === "id" && part.name !== "id")?.value : undefined;
  const target = links ? all(links, "Relationship").find((link) => link.getAttribute("Id") === id)?.getAttribute("Target") : null;
  const path = target ? (target.startsWith("/") ? target.slice(1) : `xl/${target}`) : "";
  const found = path in files ? path : Object.keys(files).filter((name) => name.startsWith("xl/worksheets/")).sort()[0];
  if (!found) {
    throw new Error("sheet");
  }
  return found;
}
