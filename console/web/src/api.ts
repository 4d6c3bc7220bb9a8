// SPDX-License-Identifier: Apache-2.0
// Talking to the service: JSON requests, its problems in the reader's words, the CSRF token.
import { language, t } from "./i18n";

const KEY = "nrt-token";

export type Params = Record<string, string | number | boolean | undefined | null>;

/** What the service answers when it refuses (RFC 9457), readable as it is. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly body: Record<string, unknown>,
  ) {
    super(message);
  }
}

let csrf = "";
let onSignedOut: () => void = () => undefined;

export function setCsrf(token: string): void {
  csrf = token;
}

/** Called when the service no longer knows who asks. */
export function whenSignedOut(action: () => void): void {
  onSignedOut = action;
}

/** An access token is kept for this tab only. */
export function setToken(token: string): void {
  if (token) {
    sessionStorage.setItem(KEY, token);
  } else {
    sessionStorage.removeItem(KEY);
  }
}

export function hasToken(): boolean {
  return sessionStorage.getItem(KEY) !== null;
}

/** What a page asks while nobody touches it keeps no session alive. */
const UNATTENDED_MS = 5 * 60 * 1000;
let touched = Date.now();
for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
  addEventListener(kind, () => (touched = Date.now()), { passive: true, capture: true });
}

export function headers(): Record<string, string> {
  const token = sessionStorage.getItem(KEY);
  const all: Record<string, string> = { "Accept-Language": language.value === "zh" ? "zh-CN" : "en" };
  if (token) {
    all.Authorization = `Bearer ${token}`;
  }
  if (Date.now() - touched > UNATTENDED_MS) {
    all["X-NRT-Unattended"] = "1";
  }
  return all;
}

export function address(path: string, params: Params = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== "") {
      search.set(name, String(value));
    }
  }
  const text = search.toString();
  return `api/v1/${path}${text ? `?${text}` : ""}`;
}

async function problemOf(answer: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    body = await answer.json();
  } catch {
    // Not of the service: a proxy's page, or nothing.
  }
  const titles = body.titles as Record<string, string> | undefined;
  const details = body.details as Record<string, string> | undefined;
  const title = titles?.[language.value] ?? (body.title as string | undefined);
  const detail = details?.[language.value] ?? (body.detail as string | undefined);
  const code = String(body.type ?? "").replace(/^urn:nrt:problem:/, "") || String(answer.status);
  const text = [title ?? t("shell.problem", { status: answer.status }), detail];
  return new Problem(
    answer.status, code, text.filter(Boolean).join(language.value === "zh" ? "：" : ": "), body);
}

async function ask(path: string, options: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { cache: "no-store", credentials: "same-origin", ...options });
  } catch (error) {
    if ((error as Error).name === "AbortError") {
      throw error;
    }
    throw new Problem(0, "unreachable", t("shell.unreachable"), {});
  }
  if (answer.status === 401 && !path.startsWith("api/v1/session")) {
    onSignedOut();
  }
  if (!answer.ok) {
    throw await problemOf(answer);
  }
  return answer;
}

async function read<T>(answer: Response): Promise<T> {
  return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T);
}

export async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  return read<T>(await ask(address(path, params), { headers: headers(), signal }));
}

/** As get, with the ETag for a later change. */
export async function getTagged<T>(path: string, params: Params = {}): Promise<{ value: T; etag: string }> {
  const answer = await ask(address(path, params), { headers: headers() });
  return { value: await read<T>(answer), etag: answer.headers.get("ETag") ?? "" };
}

/** The text of an answer that is not JSON. */
export async function getText(path: string, params: Params = {}): Promise<string> {
  return (await ask(address(path, params), { headers: headers() })).text();
}

export async function send<T>(
  method: "POST" | "PUT" | "DELETE", path: string, body?: unknown, etag?: string): Promise<T> {
  const all: Record<string, string> = { ...headers(), "X-NRT-CSRF": csrf };
  if (body !== undefined) {
    all["Content-Type"] = "application/json";
  }
  if (etag) {
    all["If-Match"] = etag;
  }
  return read<T>(await ask(address(path), {
    method, headers: all, body: body === undefined ? undefined : JSON.stringify(body),
  }));
}

export const post = <T>(path: string, body: unknown = {}): Promise<T> => send<T>("POST", path, body);

/** Saves an answer as a file under the name the service gives it. */
export async function download(path: string, params: Params = {}): Promise<void> {
  const answer = await ask(address(path, params), { headers: headers() });
  const given = answer.headers.get("Content-Disposition") ?? "";
  const wide = /filename\*=UTF-8''([^;]+)/i.exec(given);
  const plain = /filename="([^"]+)"/i.exec(given);
  const name = wide ? decodeURIComponent(wide[1]) : plain ? plain[1] : (path.split("/").pop() ?? "file");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
