// SPDX-License-Identifier: Apache-2.0
// Holds the pages' types against the service's own description (console/openapi): what the service
// answers must do for what a page expects, or the check of types fails. api-types.ts is made from
// the description by `npm run types`; nothing of this reaches the browser.
import type { components } from "./api-types";
import type { CaseInFull, CaseRow } from "./case/types";
import type { Choices } from "./choices";
import type { DefinitionText } from "./definitions";
import type { Due, ImportResult } from "./register/types";
import type { Message, MonthFigures, Overview, OverdueRow, Session } from "./types";

type Service = components["schemas"];
type Does<Page, Answer extends Page> = Answer;

export type Checked = [
  Does<Session, Service["Session"]>,
  Does<Overview, Service["Overview"]>,
  Does<OverdueRow, Service["Overdue"]>,
  Does<MonthFigures, Service["Month"]>,
  Does<Message, Service["Message"]>,
  Does<CaseRow, Service["Case"]>,
  Does<CaseInFull, Service["CaseInFull"]>,
  Does<Choices, Service["Choices"]>,
  Does<DefinitionText, Service["Definition"]>,
  Does<Due, Service["Dues"]["dues"][number]>,
  Does<ImportResult, Service["ImportedRow"]>,
];
