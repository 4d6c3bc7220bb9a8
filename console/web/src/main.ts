// SPDX-License-Identifier: Apache-2.0
import { createApp } from "vue";
import App from "./App.vue";
import { loadTexts } from "./i18n";
import { startRouter } from "./router";
import { loadSession, takeTokenFromAddress } from "./session";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/pages.css";
import "./style/paper.css";
import "./style/work.css";
import "./style/print.css";

async function start(): Promise<void> {
  takeTokenFromAddress();
  startRouter();
  await Promise.all([loadTexts(), loadSession().catch(() => undefined)]);
  createApp(App).mount("#app");
}

void start();
