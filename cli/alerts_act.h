/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verbs of `nrt alerts` that do something. Each returns an exit code.
 */
#ifndef NRT_CLI_ALERTS_ACT_H
#define NRT_CLI_ALERTS_ACT_H

int alerts_ack(int argc, char **argv);
int alerts_retry(int argc, char **argv);

#endif
