/* The admin listener: plain HTTP on loopback, for tests only. README.md lists its requests. */
#include "tests/simulator/sim.h"
#include <stdlib.h>
#include <string.h>

static void answer_text(struct sim_exchange *x, void (*print)(FILE *out))
{
    char *body = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&body, &length);
    print(out);
    fclose(out);
    sim_reply_take(&x->reply, 200, "application/json", body, length);
}

static void refuse(struct sim_exchange *x, const char *why)
{
    sim_reply_printf(&x->reply, 400, "text/plain", "%s\n", why);
}

static int set_all(const struct sim_target *target, char *why, size_t size)
{
    for (size_t i = 0; i < target->queries; i++) {
        if (sim_setting_set(target->query[i].name, target->query[i].value, why, size) != 0) {
            return -1;
        }
    }
    return 0;
}

static void reset(void)
{
    sim_faults_clear();
    sim_settings_reset();
    sim_counters_reset();
}

static void answer_get(struct sim_exchange *x, const char *what)
{
    const char *target = sim_query(&x->request.target, "target");
    if (strcmp(what, "counters") == 0 && target != NULL) {
        sim_reply_printf(&x->reply, 200, "text/plain", "%lu\n", sim_counter_target(target));
    } else if (strcmp(what, "counters") == 0) {
        answer_text(x, sim_counters_print);
    } else if (strcmp(what, "settings") == 0) {
        answer_text(x, sim_settings_print);
    } else {
        refuse(x, "GET knows counters and settings");
    }
}

static void answer_post(struct sim_exchange *x, const char *what)
{
    const struct sim_target *target = &x->request.target;
    char why[1200] = "POST knows reload, set, fault, clear, reset";
    int result = 0;
    if (strcmp(what, "reload") == 0) {
        result = sim_reload(why, sizeof why);
    } else if (strcmp(what, "set") == 0) {
        result = set_all(target, why, sizeof why);
    } else if (strcmp(what, "fault") == 0) {
        result = sim_fault_add(target->query, target->queries, why, sizeof why);
    } else if (strcmp(what, "clear") == 0) {
        sim_faults_clear();
    } else if (strcmp(what, "reset") == 0) {
        reset();
    } else {
        result = -1;
    }
    if (result != 0) {
        refuse(x, why);
    } else {
        sim_reply_printf(&x->reply, 200, "text/plain", "ok\n");
    }
}

void sim_admin_answer(struct sim_exchange *x)
{
    const struct sim_target *target = &x->request.target;
    if (target->segments != 2 || strcmp(target->segment[0], "_sim") != 0) {
        refuse(x, "requests are /_sim/WHAT");
    } else if (strcmp(x->request.method, "GET") == 0) {
        answer_get(x, target->segment[1]);
    } else {
        answer_post(x, target->segment[1]);
    }
}
