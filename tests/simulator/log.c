/* The log file, one line a request, and the counters. */
#include "tests/simulator/sim.h"
#include <ctype.h>
#include <json-c/linkhash.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *file;
static struct lh_table *targets; /* raw target -> count */
static unsigned long by_status[600];
static unsigned long requests, in_flight, max_in_flight, non_get, connections, secrets_in_target;

static void free_entry(struct lh_entry *entry)
{
    free(lh_entry_k(entry));
}

int sim_log_open(const char *path)
{
    targets = lh_kchar_table_new(1024, free_entry);
    if (path != NULL) {
        file = fopen(path, "ae");
    }
    return targets == NULL || (path != NULL && file == NULL) ? -1 : 0;
}

void sim_log_close(void)
{
    lh_table_free(targets);
    if (file != NULL) {
        fclose(file);
    }
}

void sim_count_begin(void)
{
    pthread_mutex_lock(&lock);
    in_flight++;
    max_in_flight = in_flight > max_in_flight ? in_flight : max_in_flight;
    pthread_mutex_unlock(&lock);
}

void sim_count_end(void)
{
    pthread_mutex_lock(&lock);
    in_flight--;
    pthread_mutex_unlock(&lock);
}

void sim_count_connection(void)
{
    pthread_mutex_lock(&lock);
    connections++;
    pthread_mutex_unlock(&lock);
}

struct redaction {
    char *text;
    bool found;
};

/* Words of three letters would hit by chance. */
static bool redact_word(char *words[3], void *cls)
{
    struct redaction *redaction = cls;
    for (size_t i = 0; i < 2 && words[i] != NULL; i++) {
        size_t length = strlen(words[i]);
        char *at;
        bool keyword = strcmp(words[i], "bearer") == 0 || strcmp(words[i], "basic") == 0 ||
                       strcmp(words[i], "certificate") == 0 || strcmp(words[i], "denied") == 0 ||
                       strcmp(words[i], "expired") == 0;
        while (!keyword && length > 3 && (at = strstr(redaction->text, words[i])) != NULL) {
            memset(at, '*', length);
            redaction->found = true;
        }
    }
    return false;
}

/* The target without any secret that the data folder knows. */
static char *safe_target(const struct sim_exchange *x, bool *found)
{
    struct redaction redaction = {.text = strdup(x->request.raw)};
    const struct sim_node *root = x->store == NULL ? NULL : sim_store_root(x->store);
    if (redaction.text != NULL && root != NULL) {
        sim_each_line(sim_child(sim_child(root, "digicert"), "api-keys.list"), redact_word,
                      &redaction);
        sim_each_line(sim_child(sim_child(root, "nevisidm"), "authorization.list"), redact_word,
                      &redaction);
    }
    *found = redaction.found;
    return redaction.text;
}

static void write_line(const struct sim_exchange *x, const char *target, unsigned long connection)
{
    const struct sim_request *request = &x->request;
    struct timespec now;
    struct tm tm;
    char when[32];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
    fprintf(file, "%s.%03ldZ connection=%lu listener=%s method=%s target=%s headers=", when,
            now.tv_nsec / 1000000, connection,
            request->listener == SIM_CLIENTAUTH ? "clientauth" : "normal", request->method, target);
    for (size_t i = 0; i < request->headers; i++) {
        fputs(i == 0 ? "" : ",", file);
        for (const char *c = request->header[i].name; *c != '\0'; c++) {
            putc(tolower((unsigned char)*c), file);
        }
    }
    fprintf(file, " authorised=%s status=%d bytes=%zu certificate=\"%s\"\n",
            request->authorised ? "yes" : "no",
            x->reply.close || x->reply.stall ? 0 : x->reply.status, x->reply.length,
            request->certificate == NULL ? "" : request->certificate);
    fflush(file);
}

static void count_target(const char *target)
{
    struct lh_entry *entry = lh_table_lookup_entry(targets, target);
    if (entry == NULL) {
        lh_table_insert(targets, strdup(target), (void *)(uintptr_t)1);
    } else {
        entry->v = (void *)((uintptr_t)entry->v + 1);
    }
}

void sim_log_exchange(const struct sim_exchange *x, unsigned long connection)
{
    bool secret;
    char *target = safe_target(x, &secret);
    int status = x->reply.close || x->reply.stall ? 0 : x->reply.status;
    if (target == NULL) {
        return;
    }
    pthread_mutex_lock(&lock);
    requests++;
    non_get += strcmp(x->request.method, "GET") != 0;
    secrets_in_target += secret;
    by_status[status >= 0 && status < 600 ? status : 0]++;
    count_target(target);
    if (file != NULL) {
        write_line(x, target, connection);
    }
    pthread_mutex_unlock(&lock);
    free(target);
}

void sim_counters_print(FILE *out)
{
    bool first = true;
    struct lh_entry *entry;
    pthread_mutex_lock(&lock);
    fprintf(out,
            "{\"requests\":%lu,\"connections\":%lu,\"in_flight\":%lu,\"max_in_flight\":%lu,"
            "\"non_get\":%lu,\"secrets_in_target\":%lu,\"status\":{",
            requests, connections, in_flight, max_in_flight, non_get, secrets_in_target);
    for (int i = 0; i < 600; i++) {
        if (by_status[i] > 0) {
            fprintf(out, "%s\"%d\":%lu", first ? "" : ",", i, by_status[i]);
            first = false;
        }
    }
    fputs("},\"targets\":{", out);
    first = true;
    lh_foreach(targets, entry)
    {
        fputs(first ? "" : ",", out);
        sim_print_json(out, lh_entry_k(entry));
        fprintf(out, ":%lu", (unsigned long)(uintptr_t)lh_entry_v(entry));
        first = false;
    }
    fputs("}}\n", out);
    pthread_mutex_unlock(&lock);
}

unsigned long sim_counter_target(const char *raw)
{
    void *count = NULL;
    pthread_mutex_lock(&lock);
    lh_table_lookup_ex(targets, raw, &count);
    pthread_mutex_unlock(&lock);
    return (unsigned long)(uintptr_t)count;
}

void sim_counters_reset(void)
{
    pthread_mutex_lock(&lock);
    lh_table_free(targets);
    targets = lh_kchar_table_new(1024, free_entry);
    memset(by_status, 0, sizeof by_status);
    requests = non_get = connections = secrets_in_target = 0;
    max_in_flight = in_flight;
    pthread_mutex_unlock(&lock);
}
