/* SPDX-License-Identifier: Apache-2.0 */
/* See count_trace.h. */
#include "rules/count_trace.h"

#include <string.h>

void count_trace_add(struct count_trace *trace, struct count_step step)
{
    if (!trace || trace->out_of_memory)
        return;
    if (trace->step_count == trace->step_capacity) {
        const size_t capacity = trace->step_capacity ? trace->step_capacity * 2 : 8;
        struct count_step *grown = arena_array(trace->arena, capacity, sizeof(*grown));
        if (!grown) {
            trace->out_of_memory = true;
            return;
        }
        if (trace->step_count > 0)
            memcpy(grown, trace->steps, trace->step_count * sizeof(*grown));
        trace->steps = grown;
        trace->step_capacity = capacity;
    }
    trace->steps[trace->step_count++] = step;
}
