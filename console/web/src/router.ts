// SPDX-License-Identifier: Apache-2.0
// Addresses behind '#': "#/overdue?unit=d06&sort=late". What a page shows stands in its address,
// so that a link, a reload and the back button bring it again.
import { reactive } from "vue";

export type Query = Record<string, string>;

export const route = reactive<{ path: string; query: Query }>({ path: "/", query: {} });

function read(): void {
  const [path, query] = location.hash.replace(/^#/, "").split("?");
  route.path = path || "/";
  const found: Query = {};
  new URLSearchParams(query || "").forEach((value, name) => {
    found[name] = value;
  });
  route.query = found;
}

export function startRouter(): void {
  read();
  window.addEventListener("hashchange", read);
}

/** The address of a page; empty values are left out. */
export function href(path: string, query: Record<string, string | number | undefined> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") {
      search.set(name, String(value));
    }
  }
  const text = search.toString();
  return `#${path}${text ? `?${text}` : ""}`;
}

export function go(path: string, query: Record<string, string | number | undefined> = {}): void {
  location.hash = href(path, query);
}

/** Changes what the page's address says, without a step of the back button. */
export function setQuery(query: Record<string, string | number | undefined>): void {
  history.replaceState(null, "", href(route.path, query));
  read();
}

/** The values of ":name" parts when the path is of the pattern, else null. */
export function match(pattern: string, path: string): Query | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) {
    return null;
  }
  const values: Query = {};
  for (let index = 0; index < wanted.length; index++) {
    if (wanted[index].startsWith(":")) {
      values[wanted[index].slice(1)] = decodeURIComponent(given[index]);
    } else if (wanted[index] !== given[index]) {
      return null;
    }
  }
  return values;
}
