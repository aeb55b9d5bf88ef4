#include "daemon/core/budget.h"

/* Relaxed throughout: the numbers guard nothing but themselves. */
#define ORDER memory_order_relaxed

#define FIRM UINT8_MAX

static const struct {
    const char *name;
    uint8_t ceiling; /* in sixteenths of the hard limit; FIRM: none */
    bool lasts;      /* held for long: giving it back is what makes room */
} owners[BUDGET_OWNERS] = {
    [BUDGET_BODIES] = {"bodies", 13, false},
    [BUDGET_DECODED] = {"decoded", 14, false},
    [BUDGET_COMING] = {"coming", 14, false},
    [BUDGET_INJECTIONS] = {"injections", 14, false},
    [BUDGET_TRACES] = {"traces", 16, true},
    [BUDGET_KEPT] = {"kept", 13, true},
    [BUDGET_REMEMBERED] = {"remembered", 16, true},
    [BUDGET_TALLIES] = {"tallies", FIRM, true},
    [BUDGET_EXPORTS] = {"exports", FIRM, true},
    [BUDGET_PRODUCERS] = {"producers", FIRM, true},
    [BUDGET_CONNECTIONS] = {"connections", 15, false},
    [BUDGET_LIBRARIES] = {"libraries", 15, false},
    [BUDGET_ADMIN] = {"admin", 15, false},
};

static const char *const causes[BUDGET_CAUSES] = {
    [BUDGET_THROTTLED] = "throttled", [BUDGET_BODY_FULL] = "body",
    [BUDGET_SHARD_FULL] = "shard",    [BUDGET_RING_FULL] = "ring",
    [BUDGET_DRAINING] = "draining",   [BUDGET_CONNECTION] = "connection",
    [BUDGET_INJECTION] = "injection", [BUDGET_ADMIN_BUSY] = "admin",
    [BUDGET_CAMPAIGN] = "campaign",
};

void budget_init(struct budget *budget, uint64_t hard_bytes)
{
    budget->soft_bytes = hard_bytes / 5 * 4;
    budget->hard_bytes = hard_bytes;
    atomic_init(&budget->total, 0);
    for (int i = 0; i < BUDGET_OWNERS; i++) {
        atomic_init(&budget->owners[i].taken, 0);
        atomic_init(&budget->owners[i].given, 0);
    }
    for (int i = 0; i < BUDGET_CAUSES; i++) {
        atomic_init(&budget->refused[i], 0);
    }
}

static uint64_t ceiling(const struct budget *budget, enum budget_owner owner)
{
    uint8_t sixteenths = owners[owner].ceiling;
    return sixteenths == FIRM ? UINT64_MAX : budget->hard_bytes / 16 * sixteenths;
}

bool budget_take(struct budget *budget, enum budget_owner owner, uint64_t bytes)
{
    if (budget == NULL) {
        return true;
    }
    uint64_t most = ceiling(budget, owner);
    if (bytes > most) {
        return false;
    }
    uint64_t total = atomic_fetch_add_explicit(&budget->total, bytes, ORDER) + bytes;
    if (total > most) {
        atomic_fetch_sub_explicit(&budget->total, bytes, ORDER);
        return false;
    }
    atomic_fetch_add_explicit(&budget->owners[owner].taken, bytes, ORDER);
    return true;
}

bool budget_has_room(const struct budget *budget, enum budget_owner owner, uint64_t bytes)
{
    if (budget == NULL) {
        return true;
    }
    uint64_t most = ceiling(budget, owner);
    uint64_t total = atomic_load_explicit(&budget->total, ORDER);
    return bytes <= most && total <= most - bytes;
}

void budget_add(struct budget *budget, enum budget_owner owner, uint64_t bytes)
{
    if (budget != NULL && bytes != 0) {
        atomic_fetch_add_explicit(&budget->total, bytes, ORDER);
        atomic_fetch_add_explicit(&budget->owners[owner].taken, bytes, ORDER);
    }
}

void budget_give(struct budget *budget, enum budget_owner owner, uint64_t bytes)
{
    if (budget != NULL && bytes != 0) {
        atomic_fetch_add_explicit(&budget->owners[owner].given, bytes, ORDER);
        atomic_fetch_sub_explicit(&budget->total, bytes, ORDER);
    }
}

void budget_move(struct budget *budget, enum budget_owner from, enum budget_owner to,
                 uint64_t bytes)
{
    if (budget != NULL && bytes != 0) {
        atomic_fetch_add_explicit(&budget->owners[to].taken, bytes, ORDER);
        atomic_fetch_add_explicit(&budget->owners[from].given, bytes, ORDER);
    }
}

void budget_tell(struct budget *budget, enum budget_owner owner, uint64_t *told, uint64_t bytes)
{
    if (bytes > *told) {
        budget_add(budget, owner, bytes - *told);
    } else {
        budget_give(budget, owner, *told - bytes);
    }
    *told = bytes;
}

uint64_t budget_total(const struct budget *budget)
{
    return budget != NULL ? atomic_load_explicit(&budget->total, ORDER) : 0;
}

uint64_t budget_excess(const struct budget *budget, uint64_t bytes)
{
    if (budget == NULL) {
        return 0;
    }
    uint64_t total = budget_total(budget);
    uint64_t wanted = bytes > UINT64_MAX - total ? UINT64_MAX : total + bytes;
    return wanted > budget->soft_bytes ? wanted - budget->soft_bytes : 0;
}

bool budget_welcome(const struct budget *budget, uint64_t bytes)
{
    return budget_excess(budget, bytes) == 0;
}

uint64_t budget_left(const struct budget *budget)
{
    if (budget == NULL) {
        return UINT64_MAX;
    }
    uint64_t total = budget_total(budget);
    return total < budget->hard_bytes ? budget->hard_bytes - total : 0;
}

uint64_t budget_request_max(const struct budget *budget)
{
    return budget != NULL ? budget->hard_bytes / 4 : UINT64_MAX;
}

/* Given is read before taken, which only grows: never less than nothing. */
uint64_t budget_held(const struct budget *budget, enum budget_owner owner)
{
    if (budget == NULL) {
        return 0;
    }
    uint64_t given = atomic_load_explicit(&budget->owners[owner].given, memory_order_acquire);
    uint64_t taken = atomic_load_explicit(&budget->owners[owner].taken, ORDER);
    return taken > given ? taken - given : 0;
}

uint64_t budget_drained(const struct budget *budget)
{
    uint64_t drained = 0;
    for (int i = 0; budget != NULL && i < BUDGET_OWNERS; i++) {
        if (owners[i].lasts) {
            drained += atomic_load_explicit(&budget->owners[i].given, ORDER);
        }
    }
    return drained;
}

void budget_refuse(struct budget *budget, enum budget_cause cause)
{
    if (budget != NULL) {
        atomic_fetch_add_explicit(&budget->refused[cause], 1, ORDER);
    }
}

uint64_t budget_refused(const struct budget *budget, enum budget_cause cause)
{
    return budget != NULL ? atomic_load_explicit(&budget->refused[cause], ORDER) : 0;
}

const char *budget_owner_name(enum budget_owner owner)
{
    return owners[owner].name;
}

const char *budget_cause_name(enum budget_cause cause)
{
    return causes[cause];
}
