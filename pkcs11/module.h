/* What one C_Initialize set up: the configuration and a slot for each of its sources, in file
 * order.
 *
 * One lock, the module's, guards which module is current, the table of sessions and what a slot
 * counts; nothing waits, reads a snapshot or does I/O under it, but C_Initialize reads the
 * configuration. A session holds a reference to its module, so that a call that still runs while
 * another thread finalizes ends well.
 *
 * A forked child begins uninitialised: the state that it inherited may be half changed by a thread
 * that it does not have, so it is forgotten, not freed. */
#ifndef CB_PKCS11_MODULE_H
#define CB_PKCS11_MODULE_H

#include "common/live.h"
#include "pkcs11/cryptoki.h"
#include <stdatomic.h>

struct cb_session;

struct cb_slot {
    const struct cb_source *source;
    struct cb_live *live;
    CK_ULONG sessions, rw_sessions; /* open now */
    bool logged_in;                 /* CKU_USER */
};

struct cb_module {
    atomic_uint refs;
    struct cb_config *config; /* NULL when it is missing or bad: then there are no slots */
    struct cb_slot *slots;
    size_t n_slots;
    struct cb_session **sessions; /* open ones at the place that their handle names, and NULL */
    size_t n_sessions, room;
    size_t cursor;               /* where the search for a free place goes on */
    struct cb_module *forgotten; /* by an earlier fork */
};

/* Locks, and answers CKR_OK with the current module; or CKR_CRYPTOKI_NOT_INITIALIZED, not
 * locked. */
CK_RV cb_module_enter(struct cb_module **module);

/* The same with the slot of that id; CKR_SLOT_ID_INVALID, not locked. */
CK_RV cb_slot_enter(CK_SLOT_ID id, struct cb_module **module, struct cb_slot **slot);

/* Unlocks. Returns `rv`, so that a caller can `return cb_module_leave(...)`. */
CK_RV cb_module_leave(CK_RV rv);

struct cb_module *cb_module_ref(struct cb_module *module);
void cb_module_unref(struct cb_module *module);

/* Logs that a source cannot be read. Returns CKR_DEVICE_ERROR. */
CK_RV cb_device_error(const struct cb_slot *slot, const struct cb_error *err);

/* Of this library; a source's "hardware" and "firmware" too. */
CK_VERSION cb_library_version(void);

/* Fills a field of Cryptoki: padded with blanks, not terminated, cut when too long. */
void cb_pad(CK_UTF8CHAR *field, size_t size, const char *text);

#endif
