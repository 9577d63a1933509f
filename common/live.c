#include "common/live.h"

#include "common/attempt.h"
#include "common/forked.h"
#include "common/log.h"
#include "common/seen.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_EVERY_MS 1000    /* a running process sees a new snapshot within a second */
#define TRY_EVERY_MS 1000     /* a process starts no refresh more often */
#define POLL_MOST_MS 20       /* pauses while waiting: 1, 2, 4 .. 20 ms */
#define NEVER (INT64_MIN / 2) /* a monotonic time from which any interval has passed */

struct cb_live {
    const struct cb_config *config;
    const struct cb_source *source;
    struct cb_forked forked;
    pthread_mutex_t mutex; /* held for short file calls, never while waiting or starting */
    struct cb_seen seen;
    _Atomic(struct cb_snapshot *) served; /* in `seen`; NULL: nothing can be served */
    bool waited;       /* somebody waited for the refresh that runs (CB_WAIT_ONCE) */
    int64_t looked_ms; /* monotonic times */
    int64_t tried_ms;  /* a background refresh was started */
    int64_t failed_ms; /* `failure` was found; it holds for a second, like a look */
    struct cb_error failure;
};

/* What another thread was writing at fork is looked at anew. */
static void in_child(struct cb_forked *forked)
{
    struct cb_live *live = (void *)((char *)forked - offsetof(struct cb_live, forked));

    pthread_mutex_init(&live->mutex, NULL);
    live->looked_ms = live->failed_ms = NEVER;
    live->seen.ino = 0;
    live->served = NULL;
}

struct cb_live *cb_live_new(const struct cb_config *config, const struct cb_source *source)
{
    struct cb_live *live = calloc(1, sizeof *live);

    if (live == NULL)
        return NULL;
    live->config = config;
    live->source = source;
    live->looked_ms = live->tried_ms = live->failed_ms = NEVER;
    live->forked.child = in_child;
    pthread_mutex_init(&live->mutex, NULL);
    if (cb_forked_add(&live->forked) != 0) {
        free(live);
        return NULL;
    }
    return live;
}

void cb_live_free(struct cb_live *live)
{
    if (live == NULL)
        return;
    cb_forked_remove(&live->forked);
    cb_seen_clear(&live->seen);
    pthread_mutex_destroy(&live->mutex);
    free(live);
}

struct view {
    enum cb_freshness freshness;
    struct cb_snapshot *snapshot; /* the caller's reference; NULL when missing */
    struct cb_error why;          /* then: why */
};

static enum cb_freshness judge(struct cb_live *live)
{
    char iso[CB_ISO_MAX];
    enum cb_freshness freshness;

    if (live->seen.snapshot == NULL)
        return CB_MISSING;
    freshness = cb_freshness(live->source, cb_seen_age_ms(&live->seen));
    if (freshness == CB_MISSING)
        cb_fail(&live->seen.why, CB_ERR_UNAVAILABLE,
                "the snapshot of %s is older than max_stale allows",
                cb_iso(live->seen.mtime_ns / 1000000000, iso));
    return freshness;
}

/* What there is to serve. Looks at the file when a second has passed, or `now`. */
static void view(struct cb_live *live, bool now, struct view *out)
{
    int64_t ms = cb_monotonic_ms();

    out->snapshot = NULL;
    pthread_mutex_lock(&live->mutex);
    if (now || ms - live->looked_ms >= LOOK_EVERY_MS) {
        cb_seen_look(&live->seen, live->config, live->source);
        live->looked_ms = ms;
    }
    out->freshness = judge(live);
    live->served = out->freshness != CB_MISSING ? live->seen.snapshot : NULL;
    if (live->served)
        out->snapshot = cb_snapshot_ref(live->served);
    else
        out->why = live->seen.why;
    pthread_mutex_unlock(&live->mutex);
}

static bool background_due(struct cb_live *live)
{
    int64_t ms = cb_monotonic_ms();
    bool due;

    pthread_mutex_lock(&live->mutex);
    due = ms - live->tried_ms >= TRY_EVERY_MS;
    if (due)
        live->tried_ms = ms;
    pthread_mutex_unlock(&live->mutex);
    return due;
}

static void refresh_in_background(struct cb_live *live)
{
    struct cb_attempt attempt;
    struct cb_error err;

    if (!background_due(live))
        return;
    if (cb_attempt_begin(&attempt, live->config, live->source, &err) != 0)
        cb_log(CB_LOG_INFO, "source %s: served from an old snapshot; %s", live->source->name,
               err.text);
    cb_attempt_clear(&attempt);
}

static void pause_ms(int64_t ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&t, NULL);
}

enum end { SERVED, ENDED, STILL_RUNNING };

/* Waits for the refresh that runs. The lock is asked for before the file, so that what a refresh
 * left behind when it ended is seen. */
static enum end await(struct cb_live *live, struct view *v)
{
    int64_t deadline = cb_monotonic_ms() + live->source->wait_ms;

    for (int64_t pause = 1;; pause = 2 * pause < POLL_MOST_MS ? 2 * pause : POLL_MOST_MS) {
        bool running = cb_refresh_running(live->config, live->source);
        int64_t left = deadline - cb_monotonic_ms();
        view(live, true, v);
        if (v->snapshot != NULL)
            return SERVED;
        if (!running)
            return ENDED;
        if (left <= 0)
            return STILL_RUNNING;
        pause_ms(pause < left ? pause : left);
    }
}

static struct cb_snapshot *fail(const struct cb_live *live, const struct cb_error *why,
                                const struct cb_error *reason, struct cb_error *err)
{
    cb_fail(err, CB_ERR_UNAVAILABLE, "source %s: %s; %s", live->source->name, why->text,
            reason->text);
    return NULL;
}

/* The failure that another call found a moment ago. */
static bool failed_lately(struct cb_live *live, struct cb_error *reason)
{
    bool lately;

    pthread_mutex_lock(&live->mutex);
    lately = cb_monotonic_ms() - live->failed_ms < TRY_EVERY_MS;
    if (lately)
        *reason = live->failure;
    pthread_mutex_unlock(&live->mutex);
    return lately;
}

static void keep_failure(struct cb_live *live, const struct cb_error *reason)
{
    pthread_mutex_lock(&live->mutex);
    live->failure = *reason;
    live->failed_ms = cb_monotonic_ms();
    pthread_mutex_unlock(&live->mutex);
}

/* Has a caller that waits only once waited for the refresh that runs? */
static bool waited_already(struct cb_live *live)
{
    bool waited, running = cb_refresh_running(live->config, live->source);

    pthread_mutex_lock(&live->mutex);
    live->waited = live->waited && running;
    waited = live->waited;
    pthread_mutex_unlock(&live->mutex);
    return waited;
}

static void set_waited(struct cb_live *live)
{
    pthread_mutex_lock(&live->mutex);
    live->waited = true;
    pthread_mutex_unlock(&live->mutex);
}

/* Starts a refresh and waits for it. */
static enum end try(struct cb_live *live, enum cb_patience patience, struct view *v,
                    struct cb_error *reason)
{
    struct cb_attempt attempt;
    enum end end = ENDED;

    if (cb_attempt_begin(&attempt, live->config, live->source, reason) == 0) {
        if (patience == CB_WAIT_ONCE)
            set_waited(live);
        end = await(live, v);
        if (end == ENDED)
            cb_attempt_explain_end(&attempt, reason);
        else if (end == STILL_RUNNING)
            cb_attempt_explain_progress(live->config, live->source, reason);
    }
    cb_attempt_clear(&attempt);
    if (end == ENDED)
        keep_failure(live, reason);
    return end;
}

/* Nothing can be served, as far as the last look goes. */
static struct cb_snapshot *take_missing(struct cb_live *live, enum cb_patience patience,
                                        struct view *v, struct cb_error *err)
{
    struct cb_error reason;

    if (patience == CB_WAIT_NOT) {
        cb_attempt_explain_none(live->config, live->source, &reason);
        return fail(live, &v->why, &reason, err);
    }
    if (failed_lately(live, &reason))
        return fail(live, &v->why, &reason, err);
    if (patience == CB_WAIT_ONCE && waited_already(live)) {
        cb_attempt_explain_progress(live->config, live->source, &reason);
        return fail(live, &v->why, &reason, err);
    }
    view(live, true, v);
    if (v->snapshot == NULL && try(live, patience, v, &reason) != SERVED)
        return fail(live, &v->why, &reason, err);
    return v->snapshot;
}

struct cb_snapshot *cb_live_take(struct cb_live *live, enum cb_patience patience,
                                 struct cb_error *err)
{
    struct cb_snapshot *result;
    struct view v;
    int cancellation;

    /* A thread that is cancelled in a file call would leave the mutex locked. */
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancellation);
    view(live, false, &v);
    result = v.freshness == CB_MISSING ? take_missing(live, patience, &v, err) : v.snapshot;
    if (v.freshness == CB_STALE && patience != CB_WAIT_NOT)
        refresh_in_background(live);
    pthread_setcancelstate(cancellation, &cancellation);
    return result;
}

struct cb_snapshot *cb_live_current(struct cb_live *live)
{
    struct cb_snapshot *result = NULL;

    pthread_mutex_lock(&live->mutex);
    if (live->served)
        result = cb_snapshot_ref(live->served);
    pthread_mutex_unlock(&live->mutex);
    return result;
}

bool cb_live_is_current(const struct cb_live *live, const struct cb_snapshot *snapshot)
{
    return live->served == snapshot;
}

struct cb_snapshot *cb_snapshot_open(const struct cb_config *config, const struct cb_source *source,
                                     int64_t *age_ms, struct cb_error *err)
{
    struct cb_seen seen = {0};

    cb_seen_look(&seen, config, source);
    if (seen.snapshot == NULL) {
        cb_fail(err, CB_ERR_UNAVAILABLE, "source %s: %s", source->name, seen.why.text);
        return NULL;
    }
    if (age_ms != NULL)
        *age_ms = cb_seen_age_ms(&seen);
    return seen.snapshot;
}
