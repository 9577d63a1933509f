/* Sessions: what a host opened on a slot, its search, and the object that it looks at.
 *
 * A handle is a serial number and a place in the module's table, so that a closed session's handle
 * is not given again. A session in use is locked by its own mutex and kept by a reference: calls on
 * different sessions run side by side, calls on one session queue, and closing a session while
 * another thread uses it is safe. */
#ifndef CB_PKCS11_SESSION_H
#define CB_PKCS11_SESSION_H

#include "pkcs11/attributes.h"
#include "pkcs11/find.h"
#include "pkcs11/module.h"
#include <pthread.h>

#define CB_SESSIONS_MAX 65536u /* open at once in a process: a host that leaks them is stopped */

struct cb_session {
    CK_SESSION_HANDLE handle;
    struct cb_module *module; /* a reference */
    struct cb_slot *slot;
    bool read_write;
    atomic_uint refs;
    pthread_mutex_t lock; /* guards what follows */
    struct cb_search search;
    struct cb_snapshot *snapshot; /* a reference: of `object`; NULL when there is none */
    struct cb_object object;      /* the one that was found or asked for last */
};

/* The session, locked and with a reference, and CKR_OK; else CKR_CRYPTOKI_NOT_INITIALIZED or
 * CKR_SESSION_HANDLE_INVALID. */
CK_RV cb_session_enter(CK_SESSION_HANDLE handle, struct cb_session **session);

/* Unlocks and gives the reference back. Returns `rv`. */
CK_RV cb_session_leave(struct cb_session *session, CK_RV rv);

/* CKR_OK when the handle is a session's, without entering it; else as cb_session_enter. */
CK_RV cb_session_check(CK_SESSION_HANDLE handle);

/* Is it an object of its slot now? A certificate of a chain is not when it is a shown credential's
 * own: then that is its object. */
bool cb_visible(const struct cb_snapshot *snapshot, const struct cb_view *view);

/* The session looks at this object now: what it is asked next needs no second look into the
 * snapshot. */
void cb_session_look_at(struct cb_session *session, struct cb_snapshot *snapshot,
                        const struct cb_object *object);

/* Looks at the object of this handle, as its source has it now: CKR_OK and a view of it that is
 * valid as long as the session is entered. CKR_OBJECT_HANDLE_INVALID when it is gone or no longer
 * shown; CKR_DEVICE_ERROR when it cannot be read. */
CK_RV cb_session_object(struct cb_session *session, CK_OBJECT_HANDLE handle, struct cb_view *view);

/* Closes all sessions of a slot, or of the module when `slot` is NULL. The module is locked. */
void cb_sessions_close(struct cb_module *module, const struct cb_slot *slot);

#endif
