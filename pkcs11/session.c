#include "pkcs11/session.h"
#include <stdlib.h>

_Static_assert(sizeof(CK_ULONG) == 8, "a handle holds a 48-bit serial number and a 16-bit place, "
                                      "or the 63 bits of struct cb_object's id");

/* Goes on across C_Finalize: a handle from before is not valid after. Guarded by the module's
 * lock. */
static CK_SESSION_HANDLE last_serial;

static void unref(struct cb_session *s)
{
    if (atomic_fetch_sub(&s->refs, 1) != 1)
        return;
    cb_search_clear(&s->search);
    cb_snapshot_unref(s->snapshot);
    cb_module_unref(s->module);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* CKR_OK with the session, and its module locked; else not locked. */
static CK_RV look_up(CK_SESSION_HANDLE handle, struct cb_session **session)
{
    struct cb_module *module;
    CK_RV rv = cb_module_enter(&module);
    if (rv != CKR_OK)
        return rv;
    size_t place = handle % CB_SESSIONS_MAX;
    struct cb_session *s = place < module->room ? module->sessions[place] : NULL;
    if (!s || s->handle != handle)
        return cb_module_leave(CKR_SESSION_HANDLE_INVALID);
    *session = s;
    return CKR_OK;
}

CK_RV cb_session_enter(CK_SESSION_HANDLE handle, struct cb_session **session)
{
    CK_RV rv = look_up(handle, session);
    if (rv != CKR_OK)
        return rv;
    atomic_fetch_add(&(*session)->refs, 1);
    cb_module_leave(CKR_OK);
    pthread_mutex_lock(&(*session)->lock);
    return CKR_OK;
}

CK_RV cb_session_leave(struct cb_session *s, CK_RV rv)
{
    pthread_mutex_unlock(&s->lock);
    unref(s);
    return rv;
}

CK_RV cb_session_check(CK_SESSION_HANDLE handle)
{
    struct cb_session *s;
    CK_RV rv = look_up(handle, &s);
    return rv == CKR_OK ? cb_module_leave(rv) : rv;
}

/* Keeps at least half of the table free, so that a free place is near. */
static CK_RV grow(struct cb_module *module)
{
    if (module->n_sessions == CB_SESSIONS_MAX)
        return CKR_SESSION_COUNT;
    if (2 * module->n_sessions < module->room || module->room == CB_SESSIONS_MAX)
        return CKR_OK;
    size_t room = module->room ? 2 * module->room : 16;
    struct cb_session **table = realloc(module->sessions, room * sizeof *table);
    if (!table)
        return CKR_HOST_MEMORY;
    memset(table + module->room, 0, (room - module->room) * sizeof *table);
    module->sessions = table;
    module->room = room;
    return CKR_OK;
}

static void place(struct cb_module *module, struct cb_session *s)
{
    do
        module->cursor = (module->cursor + 1) % module->room;
    while (module->sessions[module->cursor]);
    module->sessions[module->cursor] = s;
    module->n_sessions++;
    s->slot->sessions++;
    s->slot->rw_sessions += s->read_write;
    s->handle = ++last_serial * CB_SESSIONS_MAX + module->cursor;
}

static void remove_at(struct cb_module *module, size_t at)
{
    struct cb_session *s = module->sessions[at];
    module->sessions[at] = NULL;
    module->n_sessions--;
    s->slot->rw_sessions -= s->read_write;
    if (--s->slot->sessions == 0)
        s->slot->logged_in = false; /* PKCS #11 2.40, 5.6, C_CloseSession */
    unref(s);
}

static CK_RV open_session(struct cb_module *module, struct cb_slot *slot, CK_FLAGS flags,
                          CK_SESSION_HANDLE *handle)
{
    CK_RV rv = grow(module);
    if (rv != CKR_OK)
        return rv;
    struct cb_session *s = calloc(1, sizeof *s);
    if (!s)
        return CKR_HOST_MEMORY;
    atomic_init(&s->refs, 1);
    pthread_mutex_init(&s->lock, NULL);
    cb_search_init(&s->search);
    s->module = cb_module_ref(module);
    s->slot = slot;
    s->read_write = flags & CKF_RW_SESSION;
    place(module, s);
    *handle = s->handle;
    return CKR_OK;
}

CK_RV C_OpenSession(CK_SLOT_ID id, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                    CK_SESSION_HANDLE *handle)
{
    (void)application, (void)notify; /* nothing here takes long enough to surrender */
    struct cb_module *module;
    struct cb_slot *slot;
    CK_RV rv = cb_slot_enter(id, &module, &slot);
    if (rv != CKR_OK)
        return rv;
    if (!handle)
        return cb_module_leave(CKR_ARGUMENTS_BAD);
    if (!(flags & CKF_SERIAL_SESSION))
        return cb_module_leave(CKR_SESSION_PARALLEL_NOT_SUPPORTED);
    return cb_module_leave(open_session(module, slot, flags, handle));
}

CK_RV C_CloseSession(CK_SESSION_HANDLE handle)
{
    struct cb_session *s;
    CK_RV rv = look_up(handle, &s);
    if (rv != CKR_OK)
        return rv;
    remove_at(s->module, handle % CB_SESSIONS_MAX);
    return cb_module_leave(CKR_OK);
}

void cb_sessions_close(struct cb_module *module, const struct cb_slot *slot)
{
    for (size_t i = 0; i < module->room; i++)
        if (module->sessions[i] && (!slot || module->sessions[i]->slot == slot))
            remove_at(module, i);
}

CK_RV C_CloseAllSessions(CK_SLOT_ID id)
{
    struct cb_module *module;
    struct cb_slot *slot;
    CK_RV rv = cb_slot_enter(id, &module, &slot);
    if (rv != CKR_OK)
        return rv;
    cb_sessions_close(module, slot);
    return cb_module_leave(CKR_OK);
}

static CK_STATE state_of(const struct cb_session *s)
{
    if (s->read_write)
        return s->slot->logged_in ? CKS_RW_USER_FUNCTIONS : CKS_RW_PUBLIC_SESSION;
    return s->slot->logged_in ? CKS_RO_USER_FUNCTIONS : CKS_RO_PUBLIC_SESSION;
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE handle, CK_SESSION_INFO *info)
{
    struct cb_session *s;
    CK_RV rv = look_up(handle, &s);
    if (rv != CKR_OK)
        return rv;
    if (!info)
        return cb_module_leave(CKR_ARGUMENTS_BAD);
    *info = (CK_SESSION_INFO){.slotID = (CK_SLOT_ID)(s->slot - s->module->slots),
                              .state = state_of(s),
                              .flags = CKF_SERIAL_SESSION};
    if (s->read_write)
        info->flags |= CKF_RW_SESSION;
    return cb_module_leave(CKR_OK);
}

/* Nothing here is private: a user may log in with any PIN, since programs insist on it, and sees
 * the same objects. */
static CK_RV login(struct cb_slot *slot, CK_USER_TYPE user)
{
    if (user == CKU_CONTEXT_SPECIFIC)
        return CKR_OPERATION_NOT_INITIALIZED;
    if (user != CKU_USER)
        return CKR_USER_TYPE_INVALID;
    if (slot->logged_in)
        return CKR_USER_ALREADY_LOGGED_IN;
    slot->logged_in = true;
    return CKR_OK;
}

CK_RV C_Login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG pin_len)
{
    struct cb_session *s;
    CK_RV rv = look_up(handle, &s);
    if (rv != CKR_OK)
        return rv;
    if (!pin && pin_len)
        return cb_module_leave(CKR_ARGUMENTS_BAD);
    return cb_module_leave(login(s->slot, user));
}

CK_RV C_Logout(CK_SESSION_HANDLE handle)
{
    struct cb_session *s;
    CK_RV rv = look_up(handle, &s);
    if (rv != CKR_OK)
        return rv;
    if (!s->slot->logged_in)
        return cb_module_leave(CKR_USER_NOT_LOGGED_IN);
    s->slot->logged_in = false;
    return cb_module_leave(CKR_OK);
}
