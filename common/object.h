/* One object of a snapshot, and what it means now: is it shown, usable, an anchor?
 *
 * Everything is a span into the snapshot, so an object is valid as long as a reference to its
 * snapshot is held. State and window are judged here, when read, against the caller's clock: a
 * credential that expires at noon changes at noon without a sync. */
#ifndef CB_COMMON_OBJECT_H
#define CB_COMMON_OBJECT_H

#include "common/clock.h"
#include "common/config.h"

enum cb_kind {
    CB_CERTIFICATE = 1, /* a credential with its own certificate (leaf) */
    CB_PASSCODE = 2,    /* a credential without a certificate */
    CB_CHAIN = 3        /* another certificate of the chains: no path, state, details */
};

struct cb_object {
    uint64_t id; /* 63 bits, never 0, of SHA-256(path, 0, certificate): the same object in every
                    snapshot; PKCS#11 handle */
    enum cb_kind kind;
    bool ca;          /* basicConstraints CA */
    int64_t from, to; /* window of use: from <= now < to; CB_TIME_MIN, CB_TIME_MAX when open */
    int64_t not_before, not_after; /* the certificate's own validity: both included */
    struct cb_span path;    /* encoded; for CB_CHAIN "chain/SHA256" in lower-case hexadecimal */
    struct cb_span label;   /* UTF-8; never empty */
    struct cb_span state;   /* as the API spells it; empty for CB_CHAIN */
    struct cb_span details; /* JSON: the API's object without its certificate; empty for CB_CHAIN */
    /* The rest is empty for CB_PASSCODE. */
    struct cb_span der;             /* the certificate */
    struct cb_span subject, issuer; /* whole Name elements, in `der` */
    struct cb_span serial;          /* whole INTEGER element, in `der` */
    struct cb_span spki;            /* whole SubjectPublicKeyInfo element, in `der` */
    struct cb_span key_id; /* CKA_ID: subject key identifier or SHA-1 of the key; 1 to 100 bytes */
    struct cb_span sha1, sha256; /* of `der` */
};

/* Is a word of this list the object's state? */
bool cb_object_in_states(const struct cb_object *o, const char *const *states);
bool cb_object_in_window(const struct cb_object *o, int64_t now);

/* Which states are shown: the source's `states`, or a URI's `?state=`, or all (--all).
 * `state` NULL: what the configuration says. "any": all, window lifted. Else exactly that state, in
 * its window. */
bool cb_object_shown(const struct cb_object *o, const struct cb_source *source, const char *state,
                     int64_t now);

/* A default state of the type, inside the window and inside the certificate's validity. */
bool cb_object_usable(const struct cb_object *o, const struct cb_source *source, int64_t now);

/* May a search for trust anchors give it: an anchor state of the type, inside its window, whatever
 * `states` says? */
bool cb_object_anchor(const struct cb_object *o, const struct cb_source *source, int64_t now);

#endif
