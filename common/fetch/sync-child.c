#include "common/fetch/sync-child.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child hands back. Fits one write to a pipe. */
struct report {
    int rc;
    struct cb_sync_result result;
    struct cb_error err;
};

static int read_report(int fd, pid_t child, struct report *report, struct cb_error *err)
{
    ssize_t n;

    do
        n = read(fd, report, sizeof *report);
    while (n == -1 && errno == EINTR);
    while (waitpid(child, NULL, 0) == -1 && errno == EINTR)
        ;
    return n == (ssize_t)sizeof *report
               ? 0
               : cb_fail(err, CB_ERR_SYSTEM,
                         "the process that synced for the owner of the cache folder ended without "
                         "a result");
}

int cb_sync_in_child(int (*work)(const void *user, struct cb_sync_result *result,
                                 struct cb_error *err),
                     const void *user, struct cb_sync_result *result, struct cb_error *err)
{
    struct report report = {0};
    int ends[2], rc;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) == -1)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "pipe");
    child = fork();
    if (child == 0) {
        report.rc = work(user, &report.result, &report.err);
        _exit(write(ends[1], &report, sizeof report) == (ssize_t)sizeof report ? 0 : 1);
    }
    close(ends[1]);
    rc = child == -1 ? cb_fail_errno(err, CB_ERR_SYSTEM, "fork")
                     : read_report(ends[0], child, &report, err);
    close(ends[0]);
    if (rc == -1)
        return -1;
    *result = report.result;
    *err = report.err;
    return report.rc;
}
