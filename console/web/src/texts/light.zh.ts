// SPDX-License-Identifier: Apache-2.0
export default {
  green: "绿灯",
  yellow: "黄灯",
  red: "红灯",
  suspended: "挂起",
};
