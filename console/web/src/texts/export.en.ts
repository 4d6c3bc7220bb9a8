// SPDX-License-Identifier: Apache-2.0
export default {
  xlsx: "Excel",
  csv: "CSV",
  print: "Print",
  help: "Everything the present filter finds, with filter, time and user in its head",
  running: "Exporting…",
  progress: "Exporting {done} of {total}",
  done: "Exported: see your browser's downloads.",
  failed: "The export did not finish. Please try again.",
};
