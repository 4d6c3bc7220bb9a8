// SPDX-License-Identifier: Apache-2.0
export default {
  sms: "短信",
  dingtalk: "钉钉",
  zwdd: "浙政钉",
  wecom: "企业微信",
  email: "邮件",
  webhook: "接口",
  voice: "语音",
};
