// SPDX-License-Identifier: Apache-2.0
// Who has signed in and what they may do. Pages ask can("oversee") before they offer something;
// the service decides again.
import { computed, ref } from "vue";
import { Problem, get, hasToken, post, send, setCsrf, setToken, whenSignedOut } from "./api";
import { tellNow } from "./live";
import type { Session } from "./types";

export const session = ref<Session | null>(null);

/** Signed out by hand: then nothing signs in by itself. */
export const left = ref(false);
export const signedIn = computed(() => session.value !== null && session.value.user !== null);

export function can(right: string): boolean {
  return session.value?.rights.includes(right) ?? false;
}

export function hasRole(role: string): boolean {
  return session.value?.user?.roles.includes(role) ?? false;
}

function take(answer: Session): void {
  setCsrf(answer.csrf);
  session.value = answer;
  tellNow(answer.now, answer.clock_mode, answer.clock_speed);
}

/** A link may bring the token behind '#': it is never sent, and leaves the address bar at once. */
export function takeTokenFromAddress(): void {
  const match = /^#token=([0-9A-Za-z_.-]+)$/.exec(location.hash);
  if (match) {
    setToken(match[1]);
    history.replaceState(null, "", location.pathname);
  }
}

export async function loadSession(): Promise<void> {
  take(await get<Session>("session"));
}

export async function signIn(name: string, password: string): Promise<void> {
  setToken("");
  take(await post<Session>("session", { name, password }));
}

export async function signInWithToken(token: string): Promise<void> {
  setToken(token);
  try {
    await loadSession();
  } catch (error) {
    setToken("");
    throw error;
  }
  if (!signedIn.value) {
    setToken("");
    throw new Problem(401, "unauthorized", "", {});
  }
}

export async function signInWithCode(code: string): Promise<void> {
  take(await post<Session>("session/dingtalk", { code }));
}

export async function changePassword(old: string, fresh: string): Promise<void> {
  await post("session/password", { old, new: fresh });
  await loadSession();
}

export async function setUp(token: string, name: string, display: string, password: string): Promise<void> {
  take(await post<Session>("session/setup", { token, name, display, password }));
}

export async function signOut(): Promise<void> {
  if (!hasToken()) {
    await send("DELETE", "session").catch(() => undefined);
  }
  setToken("");
  left.value = true;
  await loadSession().catch(() => {
    session.value = null;
  });
}

whenSignedOut(() => {
  if (session.value) {
    setToken("");
    session.value = { ...session.value, user: null, rights: [] };
  }
});
