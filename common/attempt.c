#include "common/attempt.h"

#include "common/clock.h"
#include "common/log.h"

static void read_status(const struct cb_config *config, const struct cb_source *source,
                        struct cb_status *status)
{
    struct cb_error err;

    if (cb_status_read(config, source, status, &err) != 0) {
        cb_log(CB_LOG_WARNING, "source %s: %s", source->name, err.text);
        cb_status_init(status);
    }
}

/* Others may refresh what this process may not. */
static int join(const struct cb_attempt *a, struct cb_error *err)
{
    if (cb_refresh_running(a->config, a->source))
        return 0;
    if (a->before.error[0] != '\0')
        cb_fail_in(err, "the last refresh failed: %s; none is started here", a->before.error);
    return -1;
}

int cb_attempt_begin(struct cb_attempt *a, const struct cb_config *config,
                     const struct cb_source *source, struct cb_error *err)
{
    char iso[CB_ISO_MAX];

    a->config = config;
    a->source = source;
    read_status(config, source, &a->before);
    if (cb_refresh_allowed(config, source, err) != 0)
        return join(a, err);
    if (cb_backing_off(config, source, &a->before, cb_now()))
        return cb_fail(err, CB_ERR_UNAVAILABLE, "the last refresh failed: %s (next try at %s)",
                       a->before.error, cb_iso(a->before.next_try, iso));
    return cb_refresh_start(config, source, err) == CB_REFRESH_FAILED ? -1 : 0;
}

void cb_attempt_clear(struct cb_attempt *a)
{
    cb_status_clear(&a->before);
}

void cb_attempt_explain_end(const struct cb_attempt *a, struct cb_error *err)
{
    const struct cb_status *before = &a->before;
    struct cb_status after;

    read_status(a->config, a->source, &after);
    /* A helper that died left the word of another refresh. */
    bool spoke = after.last_try != before->last_try || after.last_try_ns != before->last_try_ns ||
                 after.failures != before->failures || after.next_try != before->next_try;
    if (spoke && after.error[0] != '\0')
        cb_fail(err, CB_ERR_UNAVAILABLE, "the refresh failed: %s", after.error);
    else
        cb_fail(err, CB_ERR_UNAVAILABLE,
                "a refresh ended without a result: run `certbridge sync %s` to see why",
                a->source->name);
    cb_status_clear(&after);
}

void cb_attempt_explain_progress(const struct cb_config *config, const struct cb_source *source,
                                 struct cb_error *err)
{
    struct cb_status status;

    read_status(config, source, &status);
    cb_fail(err, CB_ERR_UNAVAILABLE, "still trying: %s",
            status.progress[0] != '\0' ? status.progress : "the refresh has not ended yet");
    cb_status_clear(&status);
}

void cb_attempt_explain_none(const struct cb_config *config, const struct cb_source *source,
                             struct cb_error *err)
{
    struct cb_status status;

    read_status(config, source, &status);
    if (status.error[0] != '\0')
        cb_fail(err, CB_ERR_UNAVAILABLE, "the last refresh failed: %s", status.error);
    else
        cb_fail(err, CB_ERR_UNAVAILABLE, "run `certbridge sync %s`", source->name);
    cb_status_clear(&status);
}
