/* Tasks on their way to one thread: pushed by any, taken whole, so that pushing never fails and
 * needs no bound.
 *
 * Thread rule: any thread pushes, one runs. */
#ifndef ASSERTD_PIPELINE_TASK_LIST_H
#define ASSERTD_PIPELINE_TASK_LIST_H

#include <stdatomic.h>

#include "daemon/pipeline/worker.h"

/* Zeroed it is empty. */
struct task_list {
    struct task *_Atomic newest;
};

/* Adds a task, which is the list's until it is run. */
void task_list_push(struct task_list *list, struct task *task);

/* All tasks, oldest first, chained by `next`: the caller's now. */
struct task *task_list_take(struct task_list *list);

/* Runs a chain on `worker` (NULL: the control thread). */
void task_chain_run(struct task *oldest, struct worker *worker);

/* Takes all tasks and runs them. */
void task_list_run(struct task_list *list, struct worker *worker);

#endif
