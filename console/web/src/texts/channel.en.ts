// SPDX-License-Identifier: Apache-2.0
export default {
  sms: "SMS",
  dingtalk: "DingTalk",
  zwdd: "Zhezhengding",
  wecom: "WeCom",
  email: "E-mail",
  webhook: "Webhook",
  voice: "Voice",
};
