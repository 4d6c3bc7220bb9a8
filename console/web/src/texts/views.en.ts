// SPDX-License-Identifier: Apache-2.0
export default {
  title: "Views",
  save: "Save view",
  share: "Copy link",
  copied: "The link is copied; send it to a colleague.",
  name: "Name of the view",
  help: "Filter and sort are kept under this name in this browser.",
  drop: "Delete the view {name}",
};
