/* What a face is given while snapshots come, age and go, and refreshes succeed, fail, hang or
 * die. */
#include "common/refresh.h"
#include "tests/hosts/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define HOUR_MS 3600000
#define SNAPSHOT "cache/people.cdb"

static void set_age(struct host *h, int64_t ms)
{
    scratch_age(scratch_path(&h->scratch, SNAPSHOT), ms);
}

/* The next call of cb_live_take looks at the file: a new face instance. */
static void look_anew(struct host *h)
{
    cb_live_free(h->live);
    h->live = cb_live_new(&h->config, &h->source);
}

static void fresh_is_served_and_nothing_started(struct host *h)
{
    host_snapshot(h, SNAPSHOT, 3);
    host_must_take(h, CB_WAIT, 3);
    host_must_take(h, CB_WAIT_ONCE, 3);
    host_must_take(h, CB_WAIT_NOT, 3);
    host_need(host_started(h) == 0, "a helper was started");
}

static void missing_is_waited_for(struct host *h)
{
    host_must_take(h, CB_WAIT, 1);
    host_settle(h);
    host_need(host_refreshed(h) == 1, "not one refresh");
}

static void stale_is_served_and_refreshed_behind(struct host *h)
{
    host_snapshot(h, SNAPSHOT, 3);
    set_age(h, HOUR_MS + 60000);
    host_must_take(h, CB_WAIT, 3);
    while (host_started(h) == 0)
        usleep(1000);
    host_settle(h);
    look_anew(h);
    host_must_take(h, CB_WAIT, 1);
    host_need(host_started(h) == 1, "more than one helper");
}

static void time_in_the_future_is_stale(struct host *h)
{
    host_snapshot(h, SNAPSHOT, 3);
    set_age(h, -HOUR_MS);
    host_must_take(h, CB_WAIT, 3);
    while (host_started(h) == 0)
        usleep(1000);
}

static void too_old_is_waited_for(struct host *h)
{
    host_snapshot(h, SNAPSHOT, 3);
    set_age(h, 2 * HOUR_MS + 60000);
    host_must_take(h, CB_WAIT, 1);
}

static void too_old_is_not_served(struct host *h)
{
    h->source.start_refresh = false;
    host_snapshot(h, SNAPSHOT, 3);
    set_age(h, 2 * HOUR_MS + 60000);
    host_must_fail(h, CB_WAIT, "is older than max_stale allows");
    look_anew(h);
    host_must_fail(h, CB_WAIT, "start_refresh = no: `certbridge sync` must run as user ");
}

static void not_waiting_starts_nothing(struct host *h)
{
    host_must_fail(h, CB_WAIT_NOT, "there is no snapshot yet; run `certbridge sync people`");
    host_snapshot(h, SNAPSHOT, 3);
    set_age(h, HOUR_MS + 60000);
    look_anew(h);
    host_must_take(h, CB_WAIT_NOT, 3);
    host_need(host_started(h) == 0, "a helper was started");
}

static void failure_ends_the_wait(struct host *h)
{
    host_must_fail(h, CB_WAIT, "there is no snapshot yet; the refresh failed: 401 bad key");
    host_must_fail(h, CB_WAIT, "the refresh failed: 401 bad key");
}

static void back_off_fails_at_once(struct host *h)
{
    host_must_fail(h, CB_WAIT, "the refresh failed: 401 bad key");
    host_settle(h);
    look_anew(h);
    host_must_fail(h, CB_WAIT, "the last refresh failed: 401 bad key (next try at ");
    host_need(host_started(h) == 1, "a helper was started during the back-off");
    scratch_age(h->path, -1000); /* the configuration is edited */
    host_order(h, "snapshot\n");
    look_anew(h);
    host_must_take(h, CB_WAIT, 1);
}

static void failure_of_another_refresh_is_not_quoted(struct host *h)
{
    host_must_fail(h, CB_WAIT, "the refresh failed: 401 bad key");
    scratch_age(h->path, -1000);
    host_order(h, "die\n");
    look_anew(h);
    host_must_fail(h, CB_WAIT, "a refresh ended without a result: run `certbridge sync people`");
}

static void helper_that_dies_is_noticed(struct host *h)
{
    h->source.wait_ms = HOUR_MS;
    host_must_fail(h, CB_WAIT, "a refresh ended without a result");
}

static void end_of_wait_tells_the_progress(struct host *h)
{
    h->source.wait_ms = 1000;
    host_need(cb_refresh_start(&h->config, &h->source, NULL) == CB_REFRESH_STARTED, "not started");
    while (access(scratch_path(&h->scratch, "cache/people.status"), F_OK) != 0)
        usleep(1000);
    host_must_fail(h, CB_WAIT, "still trying: connect timed out (try 2 of 4)");
    host_need(host_started(h) == 1, "a second helper");
}

static void waiting_once_is_once(struct host *h)
{
    h->source.wait_ms = 10;
    host_must_fail(h, CB_WAIT_ONCE, "still trying: ");
    h->source.wait_ms = HOUR_MS; /* the host would be ended before */
    host_must_fail(h, CB_WAIT_ONCE, "still trying: ");
    host_must_fail(h, CB_WAIT_ONCE, "still trying: ");
    host_order(h, "snapshot\n");
    host_settle(h);
    host_must_take(h, CB_WAIT_ONCE, 1);
}

static void current_is_what_was_taken(struct host *h)
{
    host_need(cb_live_current(h->live) == NULL, "current before the first call");
    host_snapshot(h, SNAPSHOT, 3);
    host_must_take(h, CB_WAIT, 3);
    host_snapshot(h, SNAPSHOT, 4);
    struct cb_snapshot *s = cb_live_current(h->live);
    host_need(s != NULL && cb_snapshot_facts(s)->passcodes == 3, "another snapshot is current");
    cb_snapshot_unref(s);
}

static void new_file_is_seen_and_the_old_lives_on(struct host *h)
{
    host_snapshot(h, SNAPSHOT, 3);
    struct cb_snapshot *old = cb_live_take(h->live, CB_WAIT, NULL);
    host_snapshot(h, SNAPSHOT, 4);
    for (bool seen = false; !seen;) {
        struct cb_snapshot *s = cb_live_take(h->live, CB_WAIT, NULL);
        seen = s != NULL && cb_snapshot_facts(s)->passcodes == 4;
        cb_snapshot_unref(s);
        usleep(10000);
    }
    host_need(old != NULL && cb_snapshot_facts(old)->passcodes == 3, "the old one changed");
    cb_snapshot_unref(old);
}

static void bad_files_are_refused(struct host *h)
{
    static const struct {
        const char *what;
        const char *text;
    } rows[] = {
        {"mode", "others may write it"},
        {"content", "people.cdb: the snapshot "},
        {"identity", "made for another configuration"},
        {"folder", "/cache belongs to user "},
        {"gone", "does not exist: run `certbridge sync` once"},
    };

    h->source.start_refresh = false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        host_snapshot(h, SNAPSHOT, 3);
        h->source.identity = 7;
        if (strcmp(rows[i].what, "mode") == 0)
            chmod(scratch_path(&h->scratch, SNAPSHOT), 0666);
        else if (strcmp(rows[i].what, "content") == 0)
            scratch_write(&h->scratch, SNAPSHOT, "not a snapshot", 0600);
        else if (strcmp(rows[i].what, "identity") == 0)
            h->source.identity = 8;
        else if (strcmp(rows[i].what, "folder") == 0)
            chmod(h->cache, 0777);
        else
            snprintf(h->cache, sizeof h->cache, "%s", "/nonexistent");
        look_anew(h);
        host_must_fail(h, CB_WAIT, rows[i].text);
    }
}

static void opening_once(struct host *h)
{
    struct cb_error err = {0};
    int64_t age = 0;

    host_need(cb_snapshot_open(&h->config, &h->source, &age, &err) == NULL, "no file, a snapshot");
    host_need(strstr(err.text, "source people: there is no snapshot yet") != NULL, "%s", err.text);
    host_snapshot(h, SNAPSHOT, 3);
    set_age(h, 100 * (int64_t)HOUR_MS);
    struct cb_snapshot *s = cb_snapshot_open(&h->config, &h->source, &age, &err);
    host_need(s != NULL && cb_snapshot_facts(s)->passcodes == 3, "%s", err.text);
    host_need(age >= 100 * (int64_t)HOUR_MS && age < 101 * (int64_t)HOUR_MS, "a wrong age");
    cb_snapshot_unref(s);
}

#define PLAY(name, orders)                                                                         \
    {                                                                                              \
#name, orders, name                                                                        \
    }
static const struct row {
    const char *name;
    const char *orders; /* of the helper */
    void (*play)(struct host *h);
} rows[] = {
    PLAY(fresh_is_served_and_nothing_started, "snapshot\n"),
    PLAY(missing_is_waited_for, "sleep 50\nsnapshot\n"),
    PLAY(stale_is_served_and_refreshed_behind, "snapshot\n"),
    PLAY(time_in_the_future_is_stale, "snapshot\n"),
    PLAY(too_old_is_waited_for, "snapshot\n"),
    PLAY(too_old_is_not_served, "snapshot\n"),
    PLAY(not_waiting_starts_nothing, "snapshot\n"),
    PLAY(failure_ends_the_wait, "error 401 bad key\n"),
    PLAY(back_off_fails_at_once, "error 401 bad key\n"),
    PLAY(failure_of_another_refresh_is_not_quoted, "error 401 bad key\n"),
    PLAY(helper_that_dies_is_noticed, "sleep 20\ndie\n"),
    PLAY(end_of_wait_tells_the_progress, "progress connect timed out (try 2 of 4)\nsleep 3000\n"),
    PLAY(waiting_once_is_once, "sleep 3000\n"),
    PLAY(current_is_what_was_taken, "snapshot\n"),
    PLAY(new_file_is_seen_and_the_old_lives_on, "snapshot\n"),
    PLAY(bad_files_are_refused, "snapshot\n"),
    PLAY(opening_once, "snapshot\n"),
};
#define ROWS (sizeof rows / sizeof *rows)

static void play(void **state)
{
    const struct row *row = *state;
    struct host h;

    host_init(&h, row->orders);
    int status = host_run(row->play, &h);
    host_settle(&h);
    host_clear(&h);
    assert_int_equal(status, 0);
}

int main(void)
{
    struct CMUnitTest tests[ROWS] = {{.name = NULL}};

    for (size_t i = 0; i < ROWS; i++)
        tests[i] = (struct CMUnitTest){rows[i].name, play, NULL, NULL, (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
