// SPDX-License-Identifier: Apache-2.0
// Talking to the service: the token, JSON requests, the live stream.

const KEY = "nrt-token";

/** A link may bring the token behind '#': it is never sent, and leaves the address bar at once. */
export function takeTokenFromAddress() {
  const match = /^#token=([0-9a-f]+)$/.exec(location.hash);
  if (match) {
    sessionStorage.setItem(KEY, match[1]);
    history.replaceState(null, "", location.pathname);
  }
}

export function setToken(token) {
  sessionStorage.setItem(KEY, token);
}

export function forgetToken() {
  sessionStorage.removeItem(KEY);
}

export function hasToken() {
  return sessionStorage.getItem(KEY) !== null;
}

function headers() {
  const token = sessionStorage.getItem(KEY);
  return token ? { Authorization: "Bearer " + token } : {};
}

export class NoEntry extends Error {}

export async function get(path) {
  const answer = await fetch(path, { headers: headers(), cache: "no-store" });
  if (answer.status === 401) {
    throw new NoEntry();
  }
  if (!answer.ok) {
    throw new Error(path + ": " + answer.status);
  }
  return answer.json();
}

/** One "event: change" of the stream's text to its data, or null for anything else. */
function changeOf(block) {
  const data = /^data: (.*)$/m.exec(block);
  return /^event: change$/m.test(block) && data ? JSON.parse(data[1]) : null;
}

async function readStream(onChange) {
  const answer = await fetch("api/v1/live", { headers: headers(), cache: "no-store" });
  if (!answer.ok || !answer.body) {
    throw new Error("live: " + answer.status);
  }
  const reader = answer.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const part = await reader.read();
    if (part.done) {
      return;
    }
    rest += decoder.decode(part.value, { stream: true });
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    blocks.map(changeOf).filter(Boolean).forEach(onChange);
  }
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/** Calls onChange for each change, for ever; where streams do not get through, every 2 s. */
export async function follow(onChange, onLine) {
  let failures = 0;
  for (;;) {
    try {
      await readStream((change) => {
        failures = 0;
        onLine("live");
        onChange(change);
      });
    } catch (error) {
      failures++;
    }
    onLine(failures >= 3 ? "polling" : "cut");
    await wait(2000);
    if (failures >= 3) {
      onChange(null);
    }
  }
}
