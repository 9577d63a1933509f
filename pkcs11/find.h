/* One search of a session: C_FindObjectsInit to C_FindObjectsFinal.
 *
 * A template is narrowed first to the kinds of objects that may match at all; when none may, the
 * search finds nothing and no snapshot is touched. Otherwise candidates come from the index that
 * gives the fewest, or from the listing when no attribute has one, and each is compared in full as
 * it is handed out. The snapshot that a search began with is kept until it ends. */
#ifndef CB_PKCS11_FIND_H
#define CB_PKCS11_FIND_H

#include "common/buf.h"
#include "common/live.h"
#include "pkcs11/cryptoki.h"

/* An attribute that every candidate is compared with. */
struct cb_wanted {
    CK_ATTRIBUTE_TYPE type;
    struct cb_span value; /* in the search's `values` */
};

struct cb_search {
    bool active;
    unsigned kinds;           /* of objects that may match */
    struct cb_wanted *wanted; /* owned */
    size_t n_wanted;
    struct cb_buf values;         /* the bytes of `wanted` */
    struct cb_snapshot *snapshot; /* a reference; NULL when nothing can match */
    struct cb_ids candidates;
    uint32_t next;
};

void cb_search_init(struct cb_search *search);
void cb_search_clear(struct cb_search *search);

/* Chooses the candidates: every object of the snapshot that may match. */
void cb_search_candidates(struct cb_search *search);

#endif
