/* One object as the snapshot file keeps it, and the hashes under which its indexes find it. */
#ifndef CB_COMMON_FETCH_SNAPSHOT_RECORD_H
#define CB_COMMON_FETCH_SNAPSHOT_RECORD_H

#include "common/fetch/snapshot-entries.h"

/* The largest record: every part at its cap. */
#define CB_RECORD_MAX                                                                              \
    (CB_RECORD_FIXED + CB_OBJECT_PATH_MAX + 2 * CB_LABEL_MAX + CB_DETAILS_MAX + 100 +              \
     CB_CERTIFICATE_MAX)

/* Which part of `o` breaks its cap, in words; NULL when none does. */
const char *cb_record_too_large(const struct cb_object *o);

/* Appends the record (snapshot-format.h). `o` has everything but its id set; `id` is set here. */
int cb_record_print(struct cb_buf *out, struct cb_object *o);

/* Sets the hashes and the view of `entry`. `scratch` is overwritten. -1: a name or the serial is
 * not DER, or no memory. */
int cb_record_hashes(const struct cb_object *o, const struct cb_sip_key *key,
                     struct cb_buf *scratch, struct cb_entry *entry);

#endif
