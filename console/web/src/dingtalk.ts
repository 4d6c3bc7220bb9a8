// SPDX-License-Identifier: Apache-2.0
// The code that DingTalk's app gives its pages, for signing in. Loaded within that app only; what
// it says of itself decides nothing but whether it is asked.
import "dingtalk-jsapi/entry/union";
import requestAuthCode from "dingtalk-jsapi/api/runtime/permission/requestAuthCode";

const WAIT_MS = 8000;

/** Rejects when the app does not answer in time. */
export async function codeOf(corpId: string): Promise<string> {
  const asked = requestAuthCode({ corpId } as Parameters<typeof requestAuthCode>[0]);
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("timeout")), WAIT_MS));
  const { code } = (await Promise.race([asked, late])) as { code: string };
  return code;
}
