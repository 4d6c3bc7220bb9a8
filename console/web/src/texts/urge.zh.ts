// SPDX-License-Identifier: Apache-2.0
export default {
  title: "催办（{n} 件）",
  lead: "将对 {units} 个单位的 {n} 件办件催办，并记入各办件的过程。",
  more: "……另有 {n} 件",
  text: "催办内容",
  textHelp: "承办人和主要负责人会收到这段话。",
  standard: "该办件已超过时限，请立即办理，并反馈进展和预计办结时间。",
  replyBy: "要求反馈日期（可不填）",
  replyByHelp: "当日下班前反馈。",
  send: "发出催办",
  done: "已催办 {n} 件。",
  refused: "{n} 件未能催办：",
};
