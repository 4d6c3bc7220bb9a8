// SPDX-License-Identifier: Apache-2.0
// Government desktops run browsers as old as Chromium 79. Reads the built pages and says what such
// a browser does not know: syntax by TypeScript's parser, CSS by its names.
//   node old_browsers.mjs DIST NODE_MODULES
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [, , dist, modules] = process.argv;
const ts = createRequire(path.join(modules, "package.json"))("typescript");
const K = ts.SyntaxKind;

const syntax = new Map([
  [K.QuestionDotToken, "?."], [K.QuestionQuestionToken, "??"], [K.QuestionQuestionEqualsToken, "??="],
  [K.BarBarEqualsToken, "||="], [K.AmpersandAmpersandEqualsToken, "&&="], [K.ClassStaticBlockDeclaration, "static {}"],
]);
// Flex boxes know no gap before Chromium 84; "inset", ":is" and "aspect-ratio" came later, too.
const styles = /:has\(|@container|@layer|[;{]\s*inset:|:is\(|:where\(|aspect-ratio|[;{]\s*(?:row-|column-)?gap:/g;

const found = [];
function walk(node, file) {
  if (syntax.has(node.kind)) {
    found.push(`${file}: ${syntax.get(node.kind)}`);
  }
  if (node.kind === K.NumericLiteral && node.getText().includes("_")) {
    found.push(`${file}: 1_000`);
  }
  node.getChildren().forEach((child) => walk(child, file));
}

let scripts = 0;
for (const name of fs.readdirSync(path.join(dist, "assets"))) {
  const text = /\.(js|css)$/.test(name) ? fs.readFileSync(path.join(dist, "assets", name), "utf8") : "";
  if (name.endsWith(".js")) {
    scripts++;
    const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
    source.parseDiagnostics.forEach((one) => found.push(`${name}: ${one.messageText}`));
    walk(source, name);
  } else if (name.endsWith(".css")) {
    (text.match(styles) ?? []).forEach((use) => found.push(`${name}: ${use}`));
  }
}
console.log(`${scripts} scripts`);
[...new Set(found)].slice(0, 40).forEach((line) => console.log(line));
process.exitCode = found.length || scripts === 0 ? 1 : 0;
