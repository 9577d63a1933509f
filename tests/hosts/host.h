/* A source whose refreshes are done by the stand-in of fake-helper.c, for programs that play hosts.
 * */
#ifndef CB_TESTS_HOSTS_HOST_H
#define CB_TESTS_HOSTS_HOST_H

#include "common/live.h"
#include "tests/unit/scratch.h"

struct host {
    struct scratch scratch; /* certbridge.conf, orders, template.cdb, records, cache/ */
    char path[128], cache[128];
    struct cb_config config;
    struct cb_source source; /* refresh 1 h, max_stale 2 h, wait 1 min; change as you like */
    struct cb_live *live;
};

/* Also sets CERTBRIDGE_HELPER. Every failure here ends the program. */
void host_init(struct host *h, const char *orders);
void host_clear(struct host *h);
void host_order(struct host *h, const char *orders);

/* Writes FOLDER/NAME as a snapshot of this source with `passcodes` passcodes. */
void host_snapshot(struct host *h, const char *name, uint32_t passcodes);

/* Ends the program with the text unless `ok`. */
void host_need(bool ok, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Takes a snapshot, which must be there and hold `passcodes`. */
void host_must_take(struct host *h, enum cb_patience patience, uint32_t passcodes);
/* Takes none, for a reason that holds `text`. */
void host_must_fail(struct host *h, enum cb_patience patience, const char *text);

/* Waits until no helper of the source runs. */
void host_settle(struct host *h);

/* How many helpers were started, and how many of them refreshed. */
unsigned host_started(struct host *h);
unsigned host_refreshed(struct host *h);

/* The text of each record, one after the other; the caller frees. */
char *host_records(struct host *h);

/* Runs `play` in a process of its own, which is ended after two minutes. Its wait status. */
int host_run(void (*play)(struct host *h), struct host *h);

#endif
