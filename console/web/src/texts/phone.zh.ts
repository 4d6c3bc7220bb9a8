// SPDX-License-Identifier: Apache-2.0
export default {
  title: "手机",
  net: "政务专网",
  inbox: "短信与钉钉",
  none: "还没有消息送出。到了时限，消息会出现在这里。",
  why: "为什么？",
};
