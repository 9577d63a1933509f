/* From a URI and criteria to the certificates of a snapshot, one after the other.
 *
 * The URI decides what is listed: the credentials below its path with its label and in its state,
 * each leaf followed by the rest of its chain, each different chain certificate once. Criteria pick
 * from that, by the snapshot's indexes where there is one. Passcodes are no certificates.
 *
 * A search by subject is how OpenSSL asks for trust anchors. It gives credentials' own certificates
 * in an anchor state of their type and inside their window, whatever `states` says; only a state in
 * the URI overrides that. A certificate of somebody's chain is never an anchor. */
#ifndef CB_PROVIDER_SEARCH_H
#define CB_PROVIDER_SEARCH_H

#include "common/snapshot.h"
#include "common/uri.h"
#include "provider/criteria.h"
#include "provider/digest.h"
#include "provider/idset.h"

struct cb_search {
    /* Borrowed; they must outlive the search. */
    const struct cb_snapshot *snapshot;
    const struct cb_source *source;
    const struct cb_uri *uri;
    const struct cb_criteria *criteria;
    int64_t now;

    struct cb_ids candidates[2];
    unsigned list; /* of candidates */
    uint32_t at;
    bool walking;        /* candidates are credentials, and their chains follow them */
    struct cb_ids chain; /* of the credential just passed */
    uint32_t chain_at;
    struct cb_idset given;    /* chain certificates */
    struct cb_digest *digest; /* of a fingerprint that has no index */
};

enum cb_found {
    CB_FOUND,
    CB_FOUND_DAMAGE, /* one object cannot be read; the search can go on */
    CB_FOUND_NO_MORE
};

/* Prepares the first cb_search_next. -1: the criteria make no sense, or no memory; the search must
 * be cleared in any case. */
int cb_search_begin(struct cb_search *search, const struct cb_core *core, struct cb_error *err);
enum cb_found cb_search_next(struct cb_search *search, struct cb_object *out, struct cb_error *err);
void cb_search_clear(struct cb_search *search);

#endif
