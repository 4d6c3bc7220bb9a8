// SPDX-License-Identifier: Apache-2.0
export default {
  title: "Phones",
  net: "Gov. network",
  inbox: "SMS and DingTalk",
  none: "No message has gone out yet. When a time limit nears, messages show up here.",
  why: "Why?",
};
