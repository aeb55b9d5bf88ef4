#include "daemon/pipeline/task_list.h"

void task_list_push(struct task_list *list, struct task *task)
{
    struct task *newest = atomic_load_explicit(&list->newest, memory_order_relaxed);
    do {
        task->next = newest;
        /* Release: whoever takes the list (acquire) sees the task whole. */
    } while (!atomic_compare_exchange_weak_explicit(&list->newest, &newest, task,
                                                    memory_order_release, memory_order_relaxed));
}

struct task *task_list_take(struct task_list *list)
{
    struct task *newest = atomic_exchange_explicit(&list->newest, NULL, memory_order_acquire);
    struct task *oldest = NULL;
    while (newest != NULL) {
        struct task *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

void task_chain_run(struct task *task, struct worker *worker)
{
    while (task != NULL) {
        struct task *next = task->next;
        task->run(task, worker);
        task = next;
    }
}

void task_list_run(struct task_list *list, struct worker *worker)
{
    task_chain_run(task_list_take(list), worker);
}
