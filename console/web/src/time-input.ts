// SPDX-License-Identifier: Apache-2.0
// Instants in and out of the browser's own date fields, which know no zone: always China's time.
export { stamp } from "./time";

/** "2026-03-01T08:00" of a field as RFC 3339; "" where nothing was chosen. */
export function fromInput(text: string): string {
  return text ? `${text.length === 16 ? `${text}:00` : text}+08:00` : "";
}
