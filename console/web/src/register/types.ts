// SPDX-License-Identifier: Apache-2.0
// A case to be registered, and what the service says of it.

export interface NewCase {
  id?: string;
  title: string;
  matter: string;
  unit: string;
  handler?: string;
  from_unit?: string;
  due?: string;
  number?: string;
  leader?: string;
  co_units?: string[];
  labels?: Record<string, string>;
  received?: string;
}

/** What would be due, were it registered now. */
export interface Due {
  clock: string;
  title: string;
  due: string | null;
  provisional: boolean;
}

export interface ImportResult {
  row: number;
  ok: boolean;
  id: string;
  errors: { field: string; message: string | { zh: string; en: string } }[];
}
