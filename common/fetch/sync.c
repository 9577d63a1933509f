#include "common/fetch/sync.h"

#include "common/fetch/cache.h"
#include "common/fetch/http-tls.h"
#include "common/fetch/lock.h"
#include "common/fetch/privileges.h"
#include "common/fetch/run.h"
#include "common/fetch/secret.h"
#include "common/fetch/status-keep.h"
#include "common/fetch/status-write.h"
#include "common/fetch/sync-child.h"
#include "common/live.h"
#include "common/log.h"
#include "common/refresh.h"
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

int cb_sync_prepare(const struct cb_config *config, struct cb_error *err)
{
    cb_http_tls_library();
    umask(077);               /* modes are set by fchmod */
    signal(SIGXFSZ, SIG_IGN); /* a write beyond the limit of a file's size fails instead */
    if (cb_cache_make(config, err) == -1)
        return -1;
    cb_cache_tidy(config);
    return 0;
}

/* Everything that reads secrets and keys. */
static int open_http(const struct cb_source *source, struct cb_http **http, struct cb_error *err)
{
    struct cb_secrets secrets;
    struct cb_buf headers;
    int rc = -1;

    cb_buf_init(&headers, 2 * CB_SECRET_MAX);
    if (cb_secrets_read(source, &secrets, err) == 0 &&
        source->type->fetch->headers(source, &secrets, &headers, err) == 0)
        rc = cb_http_new(source, cb_buf_text(&headers), http, err);
    cb_buf_wipe(&headers);
    cb_secrets_wipe(&secrets);
    return rc;
}

/* One sync, while it goes on. */
struct sync {
    const struct cb_config *config;
    const struct cb_source *source;
    const struct cb_sync_options *options;
    struct cb_cache_modes modes;
    struct cb_http *http;
    struct cb_error no_http; /* why there is none: a failure of this try, not of the call */
    struct cb_status status;
    int own_lock; /* opened here, or -1 */
};

/* A status that cannot be read is as good as none. */
static void read_status(struct sync *s)
{
    struct cb_error why = {0};

    cb_status_clear(&s->status);
    if (cb_status_read(s->config, s->source, &s->status, &why) == -1) {
        cb_log(CB_LOG_WARNING, "%s: %s", s->source->name, why.text);
        cb_status_clear(&s->status);
    }
}

/* What another process's refresh came to, when it ended in the order of things. `before` is its
 * last_try_ns, seen before waiting, or 0 when a refresh was under way then. */
static bool other_ended(const struct sync *s, int64_t before)
{
    return s->status.progress[0] == '\0' && s->status.last_try_ns != before;
}

static void tell_counts(const struct cb_status *status, struct cb_sync_result *result)
{
    size_t left_out = status->left_out.total, gone = (size_t)status->gone;

    result->certificates = status->certificates;
    result->passcodes = status->passcodes;
    result->gone = gone < left_out ? gone : left_out;
    result->left_out = left_out - result->gone;
    result->reported = status->reported.total;
}

static int report_other(const struct sync *s, struct cb_sync_result *result, struct cb_error *err)
{
    if (s->status.error[0] != '\0')
        return cb_fail(err, CB_ERR_UNAVAILABLE, "another process tried just now: %s",
                       s->status.error);
    tell_counts(&s->status, result);
    return 0;
}

/* A helper that was started while another refresh ended has nothing to do. */
static bool is_fresh(const struct sync *s)
{
    int64_t age_ms;
    struct cb_snapshot *snapshot = cb_snapshot_open(s->config, s->source, &age_ms, NULL);
    bool fresh = snapshot && cb_freshness(s->source, age_ms) == CB_FRESH;

    cb_snapshot_unref(snapshot);
    return fresh;
}

enum turn { OURS, DONE_BY_OTHER, FAILED };

/* Gets the lock, waiting for whoever has it where that is wanted. */
static enum turn take_turn(struct sync *s, struct cb_sync_result *result, struct cb_error *err)
{
    int fd = s->options->lock_fd;
    int64_t before;
    bool busy;

    if (fd == -1)
        fd = s->own_lock = cb_lock_open(s->config, s->source, err);
    if (fd == -1 || cb_lock_try(fd, &busy, err) == -1)
        return FAILED;
    read_status(s);
    if (s->options->helper)
        return busy || is_fresh(s) ? DONE_BY_OTHER : OURS;
    if (!busy)
        return OURS;
    before = s->status.progress[0] == '\0' ? s->status.last_try_ns : 0;
    if (cb_lock_wait(fd, err) == -1)
        return FAILED;
    read_status(s);
    if (s->options->force || !other_ended(s, before))
        return OURS;
    return report_other(s, result, err) == 0 ? DONE_BY_OTHER : FAILED;
}

/* May we ask now? */
static int heed_back_off(const struct sync *s, struct cb_error *err)
{
    const struct cb_status *status = &s->status;
    int64_t now = cb_now();
    char iso[CB_ISO_MAX];

    if (s->options->force)
        return 0;
    if (s->options->helper && cb_backing_off(s->config, s->source, status, now))
        return cb_fail(err, CB_ERR_UNAVAILABLE, "%s (next try at %s)", status->error,
                       cb_iso(status->next_try, iso));
    if (!s->options->helper && now < status->retry_after &&
        status->retry_after - now <= CB_RETRY_AFTER_MOST_S)
        return cb_fail(err, CB_ERR_UNAVAILABLE,
                       "the server asked to be left alone until %s (Retry-After); --force asks it "
                       "all the same. Its words: %s",
                       cb_iso(status->retry_after, iso), status->error);
    return 0;
}

static int refresh(struct sync *s, struct cb_sync_result *result, struct cb_error *err)
{
    struct cb_run run = {.config = s->config,
                         .source = s->source,
                         .options = s->options,
                         .modes = s->modes,
                         .http = s->http,
                         .status = &s->status};
    struct cb_written written = {0};
    size_t gone = 0;
    int rc;

    cb_status_begin(&s->status);
    snprintf(s->status.progress, sizeof s->status.progress, "asking %s", s->source->url);
    if (cb_status_write(s->config, s->source, &s->modes, &s->status, err) == -1)
        return -1;
    if (s->http) {
        rc = cb_run(&run, &written, &gone, err);
    } else {
        *err = s->no_http;
        rc = -1;
    }
    if (rc == -1) {
        cb_status_failed(&s->status, s->source, run.retry_after_s, err);
        cb_status_write(s->config, s->source, &s->modes, &s->status, NULL);
        return -1;
    }
    cb_status_succeeded(&s->status, &written, gone);
    result->fetched = true;
    result->unchanged = written.unchanged;
    tell_counts(&s->status, result);
    return cb_status_write(s->config, s->source, &s->modes, &s->status, err);
}

/* `owner`: whom to become first, or NULL. */
static int sync_here(const struct cb_config *config, const struct cb_source *source,
                     const struct cb_sync_options *options, const uid_t *owner,
                     struct cb_sync_result *result, struct cb_error *err)
{
    struct sync s = {.config = config, .source = source, .options = options, .own_lock = -1};
    int rc = -1;

    cb_status_init(&s.status);
    if (cb_cache_modes(config, &s.modes, err) == -1)
        goto out;
    open_http(source, &s.http, &s.no_http);
    if (owner && (cb_privileges_drop(config, *owner, &s.modes, options->lock_fd, err) == -1 ||
                  prctl(PR_SET_PDEATHSIG, SIGTERM) == -1))
        goto out;
    switch (take_turn(&s, result, err)) {
    case OURS:
        rc = heed_back_off(&s, err) == 0 ? refresh(&s, result, err) : -1;
        break;
    case DONE_BY_OTHER:
        rc = 0;
        break;
    case FAILED:
        break;
    }
out:
    cb_http_free(s.http);
    cb_status_clear(&s.status);
    if (s.own_lock != -1)
        close(s.own_lock);
    return rc;
}

/* A sync in a child of its own. */
struct job {
    const struct cb_config *config;
    const struct cb_source *source;
    const struct cb_sync_options *options;
    uid_t owner;
};

static int sync_as_owner(const void *user, struct cb_sync_result *result, struct cb_error *err)
{
    const struct job *job = user;

    return sync_here(job->config, job->source, job->options, &job->owner, result, err);
}

int cb_sync_source(const struct cb_config *config, const struct cb_source *source,
                   const struct cb_sync_options *options, struct cb_sync_result *result,
                   struct cb_error *err)
{
    struct job job = {.config = config, .source = source, .options = options};
    int rc;

    *result = (struct cb_sync_result){0};
    if (cb_privileges_too_many(config, &job.owner))
        rc = cb_sync_in_child(sync_as_owner, &job, result, err);
    else
        rc = sync_here(config, source, options, NULL, result, err);
    if (rc == -1) {
        cb_fail_in(err, "source %s", source->name);
        cb_log(CB_LOG_ERROR, "%s", err->text);
        return -1;
    }
    if (!result->fetched)
        cb_log(CB_LOG_INFO, "source %s: refreshed by another process", source->name);
    else
        cb_log(CB_LOG_INFO, "source %s: %lld certificates, %lld passcodes, %zu left out, %zu gone",
               source->name, (long long)result->certificates, (long long)result->passcodes,
               result->left_out, result->gone);
    return 0;
}
