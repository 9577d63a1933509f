/* SOURCE.status: what happened to a source's refreshes, for people, `certbridge status` and the
 * other processes.
 *
 * Text, "key = value" lines, replaced whole by rename. The fetch half writes it after every failed
 * try and at the end; the read half reads it to honour back-off and to quote reasons. Untrusted
 * like everything read: CB_STATUS_MAX bytes, printable text, unknown keys are ignored. */
#ifndef CB_COMMON_STATUS_H
#define CB_COMMON_STATUS_H

#include "common/file.h"

#define CB_STATUS_MAX (1u << 20)
#define CB_STATUS_NOTES_MAX                                                                        \
    1000u /* notes of each kind that are kept; further ones are only counted */

struct cb_note {
    char *path; /* of the item */
    char *reason;
};

struct cb_notes {
    struct cb_note *items;
    size_t n;     /* kept */
    size_t total; /* seen */
};

struct cb_status {
    int64_t last_try, last_success, next_try; /* seconds; 0: never, none */
    int64_t last_try_ns; /* start of the last try, nanoseconds since 1970: a file with a later mtime
                            ends the back-off. 0: not known, last_try is taken. */
    int64_t retry_after; /* until when the server asked to be left alone; 0: not. Even a sync by
                            hand heeds it. */
    int64_t failures;    /* failed refreshes in a row */
    int64_t certificates, passcodes; /* in the snapshot */
    int64_t gone;                    /* among left_out: configured ids that the API does not have */
    char progress[CB_ERROR_TEXT_MAX]; /* of a refresh that runs; "" when none does */
    char error[CB_ERROR_TEXT_MAX];    /* of the last refresh; "" after a success */
    struct cb_notes left_out;         /* items that are not in the snapshot, or gone at the API */
    struct cb_notes reported; /* items that are, although something about them contradicts */
};

void cb_status_init(struct cb_status *s);
void cb_status_clear(struct cb_status *s);
int cb_notes_add(struct cb_notes *notes, const char *path, const char *reason);
void cb_notes_clear(struct cb_notes *notes);

/* Reads and judges the file. A missing one is success with nothing in it. */
int cb_status_read(const struct cb_config *config, const struct cb_source *source,
                   struct cb_status *out, struct cb_error *err);

/* The text of the file, and back. */
int cb_status_print(const struct cb_status *s, struct cb_buf *out);
int cb_status_parse(struct cb_span text, struct cb_status *out);

#endif
