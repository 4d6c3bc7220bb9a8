/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The definitions of the figures. They say what is measured and, where a name promises more than
 * that, what is not.
 */
#include "console/figure_words.h"

const struct figure_word figure_words[] = {
    {"met", "按时办结数", "Met",
     "到期前停表（答复或办结）的计时次数。计入到期时间所在月份；挂起期间停表而没有到期时间的，"
     "计入停表月份。",
     "Clocks that were stopped at or before their due. They belong to the month of the due; one "
     "that was met while it was suspended, and so has no due, to the month it stopped."},
    {"missed", "超期数", "Missed",
     "到期时仍在计时的次数，每个计时各计一次，计入到期时间所在月份，归到期时承办该件的单位。"
     "已免责的、仅因规则调整造成的、补报后实为按时的不计。",
     "Clocks that still ran when their due passed, each counted once, in the month of the due, for "
     "the unit that held the case then. Not counted: waived ones, those caused by a change of "
     "rules alone, and those that a late report shows to have been met."},
    {"on_time_rate", "按时办结率", "On-time rate",
     "按时办结数 ÷（按时办结数 + 超期数）。按计时类别分别计算；单位、月份、事项的合计只含规则集中"
     "列为展示的类别。没有可除的数时不显示，不等于 0。",
     "Met / (met + missed), for each family of clocks; totals of units, months and matters hold "
     "the "
     "families that the rule sets list to be shown. With nothing to divide by there is no rate, "
     "which is not the same as 0."},
    {"received", "收件数", "Received", "当月收到的办件数，归现在承办的单位；已撤回的不计。",
     "Cases received in the month, of the unit that holds them now; withdrawn ones are left out."},
    {"accepted", "签收数", "Accepted", "当月收到的办件中，经办人已签收的件数。",
     "Of the cases received in the month, those that the handler has accepted."},
    {"acceptance_rate", "受理率", "Acceptance rate",
     "当月收到且已签收的件数 ÷ 当月收到的件数；撤回件不计入分子和分母。",
     "Cases received in the month and accepted / cases received in the month; withdrawn ones are "
     "in "
     "neither."},
    {"completed", "办结数", "Completed",
     "当月收到的办件中，现处于办结状态的件数；重新办理中的不算办结。",
     "Of the cases received in the month, those that are completed now; a case that is open again "
     "is not."},
    {"completion_rate", "办结率", "Completion rate",
     "当月收到且已办结的件数 ÷ 当月收到的件数；撤回件不计入分子和分母。",
     "Cases received in the month and completed / cases received in the month; withdrawn ones are "
     "in neither."},
    {"timeliness_rate", "处置及时率", "Timeliness",
     "即按时办结率：四项指标之二，同一个数。不衡量首次响应快慢。",
     "The on-time rate under its name among the four measures: the same number. How fast somebody "
     "first responded is not measured."},
    {"handled", "办理完毕数", "Handled",
     "最后一次办结在当月的办件数，不论何时收到；之后被退回或重新办理的也计入。",
     "Cases whose last completion lies in the month, whenever they were received; those that were "
     "sent back afterwards too."},
    {"resolved", "实际解决数", "Resolved",
     "办理完毕数中，现为办结状态且从未被退回或重新办理的件数。",
     "Of the handled ones, those that are completed and were never returned or reopened."},
    {"resolution_rate", "实际解决率", "Resolution rate",
     "当月最后一次办结的办件中，现为办结状态且从未被退回或重新办理的件数 ÷ 当月最后一次办结的件数。"
     "本系统不回访群众，因此不衡量当事人是否认为问题已解决。",
     "Of the cases last completed in the month, those that are completed and were never returned "
     "or "
     "reopened. Nobody is called back, so whether the people concerned find it solved is not "
     "measured."},
    {"satisfaction_rate", "满意率（群众满意度）", "Satisfaction rate",
     "当月评价中 4 分和 5 分的条数 ÷ "
     "当月评价条数，归现在承办的单位。未评价的不计，默认好评不生成。",
     "Ratings of 4 or 5 / ratings in the month, of the unit that holds the case now. A case "
     "without "
     "a rating counts for nothing; no rating is assumed."},
    {"satisfied", "满意数", "Satisfied", "当月评价中 4 分和 5 分的条数。",
     "Ratings of 4 or 5 that were given in the month."},
    {"ratings", "评价数", "Ratings", "当月收到的 1 至 5 分评价条数。",
     "Ratings from 1 to 5 that were given in the month."},
    {"mean_handling_hours", "平均办理时长", "Mean handling time",
     "从首次收件到最后一次办结的工作时间（小时）的平均值，计入最后一次办结的月份；按办结时生效的日"
     "历"
     "计算，挂起时间不扣除。",
     "Mean office hours from the first receipt to the last completion, in the month of that; by "
     "the "
     "calendar in force at the completion. Time of suspension is not taken off."},
    {"compression", "压缩率", "Compression",
     "1 − 承诺时限 ÷ "
     "法定时限，两者单位相同才计算。事项按匹配该事项的计时规则计算，有多个时取最小值。",
     "1 - limit / statutory limit, where both are in one unit. Of a matter: of the clocks whose "
     "rule "
     "fits it; of several the least."},
    {"overdue_open", "超期未办数", "Overdue and open",
     "到期时间在所选时段内、已超期且仍未停表的计时数，归现在承办的单位；含已免责的。",
     "Clocks whose due lies in the time chosen, that were missed and still run, of the unit that "
     "holds the case now; waived ones too."},
    {"urged", "催办次数", "Urged", "当月催办的次数，归现在承办的单位。",
     "How often cases were urged in the month, of the unit that holds them now."},
    {"score", "综合得分", "Score",
     "四项指标（办结率、处置及时率、实际解决率、群众满意度）的算术平均乘以 "
     "100；没有数据的项不参与平均。",
     "100 times the mean of the four measures: completion rate, timeliness, resolution rate and "
     "satisfaction rate; one without data takes no part."},
    {"rank", "排名", "Rank", "按按时办结率从高到低；相同的并列，无计时的不排名。",
     "By on-time rate, the highest first; equal rates share a rank, units without a rate have "
     "none."},
};
const size_t figure_word_count = sizeof(figure_words) / sizeof(figure_words[0]);
