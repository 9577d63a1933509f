/* Writing a snapshot: objects stream into a temporary file as they come; finishing sorts, indexes,
 * syncs and renames it.
 *
 * Memory: under 256 bytes an object. The target is replaced whole or not at all; equal content is
 * not rewritten, only its time is set. */
#ifndef CB_COMMON_FETCH_SNAPSHOT_WRITE_H
#define CB_COMMON_FETCH_SNAPSHOT_WRITE_H

#include "common/fetch/x509.h"
#include "common/object.h"
#include <sys/types.h>

struct cb_snapshot_writer;

/* A credential to be written: spans are copied at once. */
struct cb_new_object {
    enum cb_kind kind; /* CB_CERTIFICATE or CB_PASSCODE */
    struct cb_span path, label, state, details;
    int64_t from, to;
    const struct cb_span *certificates; /* leaf first; none for a passcode */
    const struct cb_x509_facts *facts;  /* of each certificate */
    size_t n_certificates;
};

/* `mode` and `group` (or (gid_t)-1) are the finished file's. Creates a temporary file beside `path`
 * (O_EXCL, O_NOFOLLOW), after removing those that killed syncs left there: the caller holds the
 * source's lock, so they are nobody else's. */
int cb_snapshot_writer_new(const char *path, mode_t mode, gid_t group, uint64_t identity,
                           struct cb_snapshot_writer **out, struct cb_error *err);

/* Where the temporary file is, for a signal handler that removes it. Valid until the writer is
 * freed. */
const char *cb_snapshot_writer_temporary(const struct cb_snapshot_writer *w);

/* 0 added; 1 an object with this path is there already (nothing changes); -1 failure: when it is
 * CB_ERR_CERTIFICATE, this object breaks a cap (snapshot-format.h) and is left out, while the
 * writer goes on; after any other the writer can only be freed. */
int cb_snapshot_writer_add(struct cb_snapshot_writer *w, const struct cb_new_object *object,
                           struct cb_error *err);

/* Forgets every credential of this kind whose path is below `prefix` (whole segments). */
int cb_snapshot_writer_forget(struct cb_snapshot_writer *w, enum cb_kind kind,
                              struct cb_span prefix, struct cb_error *err);

bool cb_snapshot_writer_has(const struct cb_snapshot_writer *w, struct cb_span path);

struct cb_written {
    uint32_t certificates, passcodes;
    bool unchanged; /* the old file had the same content and was kept */
};

/* Lowers the limit on the file's size (CB_ERR_LIMIT), for tests. */
void cb_snapshot_writer_limit(struct cb_snapshot_writer *w, uint64_t bytes);

/* Completes the file and puts it in place, unless the file there has the same content (then its
 * time is set). With `anew` it is replaced in any case. CB_ERR_LIMIT beyond 4 GiB. The writer must
 * still be freed. */
int cb_snapshot_writer_finish(struct cb_snapshot_writer *w, bool anew, struct cb_written *out,
                              struct cb_error *err);

/* Removes the temporary file if it is still there. NULL is fine. */
void cb_snapshot_writer_free(struct cb_snapshot_writer *w);

#endif
