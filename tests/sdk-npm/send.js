// SPDX-License-Identifier: Apache-2.0
// Calls stand-ins with the vendors' own SDKs. stdin: [{vendor, port, id, secret, action, params}];
// stdout: what each call gave, in order: {ok: answer} or {error: {code, message}}.
"use strict";
const http = require("http");
const {$OpenApiUtil} = require("@alicloud/openapi-core");
const dysms = require("@alicloud/dysmsapi20170525");
const tencent = require("tencentcloud-sdk-nodejs-sms").sms.v20210111.Client;

async function aliyun(call) {
  const config = new $OpenApiUtil.Config({
    accessKeyId: call.id,
    accessKeySecret: call.secret,
    securityToken: call.token,
    endpoint: "127.0.0.1:" + call.port,
    protocol: "http",
    readTimeout: 20000,
    connectTimeout: 20000,
  });
  const client = new dysms.default(config);
  const answer = call.action === "SendSms"
    ? await client.sendSms(new dysms.SendSmsRequest(call.params))
    : await client.querySendDetails(new dysms.QuerySendDetailsRequest(call.params));
  return answer.body;
}

// This SDK takes the service's name from the host's: the host needs one, wherever it points.
const loopback = new http.Agent({
  lookup: (host, options, done) =>
    options.all ? done(null, [{address: "127.0.0.1", family: 4}]) : done(null, "127.0.0.1", 4),
});

function tencentcloud(call) {
  const client = new tencent({
    credential: {secretId: call.id, secretKey: call.secret},
    region: "ap-guangzhou",
    profile: {
      httpProfile: {
        endpoint: "sms.gateway.test:" + call.port,
        protocol: "http://",
        reqTimeout: 20,
        agent: loopback,
      },
    },
  });
  return client[call.action](call.params);
}

async function main() {
  let text = "";
  for await (const part of process.stdin) {
    text += part;
  }
  const results = [];
  for (const call of JSON.parse(text)) {
    try {
      results.push({ok: await (call.vendor === "aliyun" ? aliyun : tencentcloud)(call)});
    } catch (error) {
      results.push({error: {code: error.code || error.name, message: error.message}});
    }
  }
  process.stdout.write(JSON.stringify(results));
}

main();
