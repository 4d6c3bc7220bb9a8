// SPDX-License-Identifier: Apache-2.0
// All areas in one table: the file "area.zh.ts" gives the keys "area.…".
import type { Texts } from "../i18n";

const files = import.meta.glob<{ default: Texts }>("./*.zh.ts", { eager: true });
const all: Texts = {};
for (const [path, file] of Object.entries(files)) {
  const area = path.slice(2, path.indexOf(".", 2));
  for (const [name, text] of Object.entries(file.default)) {
    all[`${area}.${name}`] = text;
  }
}
export default all;
