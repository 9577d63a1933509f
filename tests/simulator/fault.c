/* The list of faults that tests asked for: which requests they hit, and how often. */
#include "tests/simulator/sim.h"
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define FAULTS_MAX 64 /* at one time; a test has a handful */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sim_fault faults[FAULTS_MAX];
static size_t fault_count;

static int set_text(char *to, size_t size, const char *value)
{
    return snprintf(to, size, "%s", value) < (int)size ? 0 : -1;
}

static int set_number(long *to, const char *value)
{
    *to = sim_number(value);
    return *to < 0 ? -1 : 0;
}

static int set_count(unsigned long *to, const char *value)
{
    long number = sim_number(value);
    *to = number < 0 ? 0 : (unsigned long)number;
    return number < 0 ? -1 : 0;
}

static int set_member(struct sim_fault *fault, const char *name, const char *value)
{
    if (strcmp(name, "kind") == 0) {
        fault->kind = sim_kind(value);
        return fault->kind == NULL ? -1 : 0;
    }
    if (strcmp(name, "status") == 0) {
        return set_number(&fault->status, value) != 0 || fault->status < 100 || fault->status > 599
                   ? -1
                   : 0;
    }
    if (strcmp(name, "number") == 0) {
        return set_number(&fault->number, value);
    }
    if (strcmp(name, "after") == 0) {
        return set_count(&fault->after, value);
    }
    if (strcmp(name, "count") == 0) {
        return set_count(&fault->left, value);
    }
    const struct {
        const char *name;
        char *to;
        size_t size;
    } texts[] = {
        {"match", fault->match, sizeof fault->match},
        {"id", fault->id, sizeof fault->id},
        {"name", fault->name, sizeof fault->name},
        {"value", fault->value, sizeof fault->value},
        {"code", fault->code, sizeof fault->code},
        {"message", fault->message, sizeof fault->message},
        {"retry_after", fault->retry_after, sizeof fault->retry_after},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(texts[i].name, name) == 0) {
            return set_text(texts[i].to, texts[i].size, value);
        }
    }
    return -1;
}

int sim_fault_add(const struct sim_pair *pairs, size_t count, char *why, size_t size)
{
    struct sim_fault fault = {.status = -1, .number = -1, .left = ULONG_MAX};
    int result = -1;
    for (size_t i = 0; i < count; i++) {
        if (set_member(&fault, pairs[i].name, pairs[i].value) != 0) {
            snprintf(why, size, "a fault cannot have %s=%s", pairs[i].name, pairs[i].value);
            return -1;
        }
    }
    pthread_mutex_lock(&lock);
    if (fault.kind == NULL || fault_count == FAULTS_MAX) {
        snprintf(why, size, "%s", fault.kind == NULL ? "a fault needs a kind" : "too many faults");
    } else {
        faults[fault_count++] = fault;
        result = 0;
    }
    pthread_mutex_unlock(&lock);
    return result;
}

void sim_faults_clear(void)
{
    pthread_mutex_lock(&lock);
    fault_count = 0;
    pthread_mutex_unlock(&lock);
}

static bool hits(struct sim_fault *fault, const char *raw)
{
    if (fault->left == 0 || strstr(raw, fault->match) == NULL) {
        return false;
    }
    if (fault->after > 0) {
        fault->after--;
        return false;
    }
    if (fault->left != ULONG_MAX) {
        fault->left--;
    }
    return true;
}

void sim_faults_take(struct sim_exchange *x)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < fault_count && x->fault_count < SIM_FAULTS_MAX; i++) {
        if (hits(&faults[i], x->request.raw)) {
            x->faults[x->fault_count++] = faults[i];
        }
    }
    pthread_mutex_unlock(&lock);
}

void sim_faults_apply(struct sim_exchange *x)
{
    for (enum sim_stage stage = SIM_STAGE_INSTEAD; stage <= SIM_STAGE_WIRE; stage++) {
        for (size_t i = 0; i < x->fault_count; i++) {
            if (x->faults[i].kind->stage == stage) {
                x->faults[i].kind->spoil(&x->faults[i], x);
            }
        }
    }
}
