/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading what a gateway says, as the configuration of http-sms describes it: where in an answer
 * or a call-back a value stands, and tests of such values.
 *
 *     status = 200 and json.code in (0, "00")
 *     xml.returnstatus = "Success" or body starts "0,"
 *
 * Values: status, body, json.PATH with [0] for items, xml.NAME.NAME, field.1 (parts between , | ;
 * tabs and line ends), query.NAME and form.NAME of a call-back. Tests: = != < <= > >= contains,
 * starts, in (..., ...), a value alone (it is there and not empty), and, or, not, parentheses.
 * A value that is not there makes a test neither true nor false.
 */
#ifndef NRT_CONFIG_GATEWAY_TEST_H
#define NRT_CONFIG_GATEWAY_TEST_H

#include "base/json.h"
#include "base/text.h"

enum gateway_truth { GATEWAY_FALSE, GATEWAY_TRUE, GATEWAY_UNKNOWN };

/* An answer or a call-back, UTF-8. */
struct gateway_said {
    int32_t status; /* 0: a call-back */
    struct text body;
    struct text query;
    const struct json_value *json; /* what json.PATH starts from; NULL: the body is no JSON */
    bool gbk;                      /* what query and form hold percent-encoded */
};

/* ERR_PARSE with why: what is wrong and at which character. */
enum err gateway_test_check(struct text test, struct err_why *why) ERR_MUST_USE;
enum err gateway_value_check(struct text value, struct err_why *why) ERR_MUST_USE;

/* Both have passed their check. */
enum gateway_truth gateway_test(struct text test, const struct gateway_said *said);
/* Append the value. False when it is not there; an empty one is there. */
bool gateway_value(struct text value, const struct gateway_said *said, struct buf *buf);
/* What json.PATH names, NULL when it is not there; for lists of receipts. */
const struct json_value *gateway_json(struct text value, const struct gateway_said *said);

#endif
