// SPDX-License-Identifier: Apache-2.0
// The pages: address, what is fetched for it, the right it asks for, its place in the menu.
import type { Component } from "vue";

export interface Route {
  path: string;
  load: () => Promise<{ default: Component }>;
  /** The right somebody must have to see it; none: whoever has signed in. */
  right?: string;
  /** Where it stands in the menu; pages without a group are reached from others. */
  group?: "work" | "figures" | "rules" | "system";
  /** Key of the title: "nav.NAME". */
  name: string;
}

export const routes: Route[] = [
  { path: "/", name: "overview", group: "work", right: "read",
    load: () => import("./pages/Overview.vue") },
  { path: "/overdue", name: "overdue", group: "work", right: "read",
    load: () => import("./pages/Overdue.vue") },
  { path: "/cases", name: "cases", group: "work", right: "read",
    load: () => import("./pages/Cases.vue") },
  { path: "/register", name: "register", group: "work", right: "register",
    load: () => import("./pages/Register.vue") },
  { path: "/import", name: "import", right: "register",
    load: () => import("./pages/Import.vue") },
  { path: "/case/:id", name: "case", right: "read",
    load: () => import("./pages/CasePage.vue") },
  { path: "/phone", name: "phone", group: "work", right: "read",
    load: () => import("./pages/Phone.vue") },
  { path: "/ranking", name: "ranking", group: "figures", right: "read",
    load: () => import("./pages/Ranking.vue") },
  { path: "/trends", name: "trends", group: "figures", right: "read",
    load: () => import("./pages/Trends.vue") },
  { path: "/accountability", name: "accountability", group: "figures", right: "read",
    load: () => import("./pages/Accountability.vue") },
  { path: "/accountability/:id", name: "accountabilityEntry", right: "read",
    load: () => import("./pages/AccountabilityEntry.vue") },
  { path: "/notices", name: "notices", group: "figures", right: "read",
    load: () => import("./pages/Notices.vue") },
  { path: "/notices/new", name: "noticeNew", right: "oversee",
    load: () => import("./pages/NoticeNew.vue") },
  { path: "/notices/:id", name: "notice", right: "read",
    load: () => import("./pages/NoticePage.vue") },
  { path: "/reports", name: "reports", group: "figures", right: "read",
    load: () => import("./pages/Reports.vue") },
  { path: "/reports/month/:month", name: "reportMonth", right: "read",
    load: () => import("./pages/ReportMonth.vue") },
  { path: "/rules", name: "rules", group: "rules", right: "config.read",
    load: () => import("./pages/Rules.vue") },
  { path: "/rules/edit", name: "rulesEdit", right: "config.read",
    load: () => import("./pages/RulesEdit.vue") },
  { path: "/drafts", name: "drafts", group: "rules", right: "config.read",
    load: () => import("./pages/Drafts.vue") },
  { path: "/drafts/:id", name: "draft", right: "config.read",
    load: () => import("./pages/DraftPage.vue") },
  { path: "/versions", name: "versions", right: "config.read",
    load: () => import("./pages/Versions.vue") },
  { path: "/replan", name: "replan", right: "config.read",
    load: () => import("./pages/Replan.vue") },
  { path: "/calendar", name: "calendar", group: "rules", right: "config.read",
    load: () => import("./pages/Calendar.vue") },
  { path: "/directory", name: "directory", group: "rules", right: "config.read",
    load: () => import("./pages/Directory.vue") },
  { path: "/directory/edit", name: "directoryEdit", right: "config.read",
    load: () => import("./pages/DirectoryEdit.vue") },
  { path: "/matters", name: "matters", group: "rules", right: "config.read",
    load: () => import("./pages/Matters.vue") },
  { path: "/matters/edit", name: "mattersEdit", right: "config.read",
    load: () => import("./pages/MattersEdit.vue") },
  { path: "/messages", name: "messages", group: "system", right: "messages.read",
    load: () => import("./pages/Messages.vue") },
  { path: "/why", name: "why", right: "messages.read",
    load: () => import("./pages/Why.vue") },
  { path: "/sending", name: "sending", group: "system", right: "health",
    load: () => import("./pages/Sending.vue") },
  { path: "/glossary", name: "glossary", group: "system",
    load: () => import("./pages/Glossary.vue") },
  { path: "/account", name: "account",
    load: () => import("./pages/Account.vue") },
];
