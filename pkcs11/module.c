#include "pkcs11/module.h"
#include "common/file.h"
#include "common/forked.h"
#include "common/log.h"
#include "pkcs11/session.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct cb_module *current;   /* NULL: not initialised */
static struct cb_module *forgotten; /* by forked children; kept in sight of leak checkers */

CK_RV cb_module_enter(struct cb_module **module)
{
    pthread_mutex_lock(&lock);
    *module = current;
    return current ? CKR_OK : cb_module_leave(CKR_CRYPTOKI_NOT_INITIALIZED);
}

CK_RV cb_slot_enter(CK_SLOT_ID id, struct cb_module **module, struct cb_slot **slot)
{
    CK_RV rv = cb_module_enter(module);
    if (rv != CKR_OK)
        return rv;
    if (id >= (*module)->n_slots)
        return cb_module_leave(CKR_SLOT_ID_INVALID);
    *slot = &(*module)->slots[id];
    return CKR_OK;
}

CK_RV cb_module_leave(CK_RV rv)
{
    pthread_mutex_unlock(&lock);
    return rv;
}

struct cb_module *cb_module_ref(struct cb_module *module)
{
    atomic_fetch_add(&module->refs, 1);
    return module;
}

void cb_module_unref(struct cb_module *module)
{
    if (!module || atomic_fetch_sub(&module->refs, 1) != 1)
        return;
    for (size_t i = 0; i < module->n_slots; i++)
        cb_live_free(module->slots[i].live);
    free(module->slots);
    free(module->sessions);
    cb_config_free(module->config);
    free(module);
}

CK_RV cb_device_error(const struct cb_slot *slot, const struct cb_error *err)
{
    cb_log(CB_LOG_ERROR, "PKCS#11 slot %s: %s", slot->source->name, err->text);
    return CKR_DEVICE_ERROR;
}

CK_VERSION cb_library_version(void)
{
    unsigned major = 0, minor = 0;
    sscanf(PACKAGE_VERSION, "%2u.%2u", &major, &minor);
    return (CK_VERSION){(CK_BYTE)major, (CK_BYTE)minor};
}

void cb_pad(CK_UTF8CHAR *field, size_t size, const char *text)
{
    size_t n = strnlen(text, size);
    memcpy(field, text, n);
    memset(field + n, ' ', size - n);
}

/* The child has none of the threads that might hold the lock or be changing what it guards. */
static void begin_anew(struct cb_forked *self)
{
    (void)self;
    pthread_mutex_init(&lock, NULL);
    if (!current)
        return;
    current->forgotten = forgotten;
    forgotten = current;
    current = NULL;
}

static bool watching;

static void watch_forks(void)
{
    static struct cb_forked forked = {.child = begin_anew};
    watching = cb_forked_add(&forked) == 0;
}

/* PKCS #11 2.40, 5.4, C_Initialize. We always lock with the system's mutexes. pReserved is
 * p11-kit's x-init-reserved or whatever NSS and libp11 put there: a string, in practice. */
static CK_RV judge_args(const CK_C_INITIALIZE_ARGS *args, const char **words)
{
    *words = NULL;
    if (!args)
        return CKR_OK;
    int callbacks =
        !!args->CreateMutex + !!args->DestroyMutex + !!args->LockMutex + !!args->UnlockMutex;
    if (callbacks != 0 && callbacks != 4)
        return CKR_ARGUMENTS_BAD;
    if (callbacks == 4 && !(args->flags & CKF_OS_LOCKING_OK))
        return CKR_CANT_LOCK;
    *words = args->pReserved;
    return CKR_OK;
}

static int add_slots(struct cb_module *module)
{
    size_t n = module->config->n_sources;
    module->slots = calloc(n ? n : 1, sizeof *module->slots);
    if (!module->slots)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct cb_slot *slot = &module->slots[i];
        slot->source = &module->config->sources[i];
        slot->live = cb_live_new(module->config, slot->source);
        if (!slot->live)
            return -1;
        module->n_slots++;
    }
    return 0;
}

static CK_RV start(const char *words)
{
    char path[CB_FILE_PATH_MAX];
    struct cb_error err = {0};
    struct cb_module *module = calloc(1, sizeof *module);
    if (!module)
        return CKR_HOST_MEMORY;
    atomic_init(&module->refs, 1);
    bool given = words && cb_config_word(words, path, sizeof path) == 0;
    if (cb_config_load(given ? path : NULL, &module->config, &err) < 0) {
        cb_log(CB_LOG_ERROR, "PKCS#11 has no slots: %s", err.text);
    } else if (add_slots(module) < 0) {
        cb_module_unref(module);
        return CKR_HOST_MEMORY;
    }
    current = module;
    return CKR_OK;
}

CK_RV C_Initialize(CK_VOID_PTR args)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int cancellation;
    const char *words;
    pthread_once(&once, watch_forks);
    if (!watching)
        return CKR_HOST_MEMORY;
    /* A thread that is cancelled while it reads the configuration would leave the lock behind. */
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancellation);
    pthread_mutex_lock(&lock);
    CK_RV rv = current ? CKR_CRYPTOKI_ALREADY_INITIALIZED : judge_args(args, &words);
    if (rv == CKR_OK)
        rv = start(words);
    cb_module_leave(rv);
    pthread_setcancelstate(cancellation, &cancellation);
    return rv;
}

CK_RV C_Finalize(CK_VOID_PTR reserved)
{
    struct cb_module *module;
    CK_RV rv = cb_module_enter(&module);
    if (rv != CKR_OK)
        return rv;
    if (reserved)
        return cb_module_leave(CKR_ARGUMENTS_BAD);
    cb_sessions_close(module, NULL);
    current = NULL;
    cb_module_leave(CKR_OK);
    cb_module_unref(module);
    return CKR_OK;
}

CK_RV C_GetInfo(CK_INFO *info)
{
    struct cb_module *module;
    CK_RV rv = cb_module_enter(&module);
    if (rv != CKR_OK)
        return rv;
    if (!info)
        return cb_module_leave(CKR_ARGUMENTS_BAD);
    memset(info, 0, sizeof *info);
    info->cryptokiVersion = (CK_VERSION){CRYPTOKI_VERSION_MAJOR, CRYPTOKI_VERSION_MINOR};
    info->libraryVersion = cb_library_version();
    cb_pad(info->manufacturerID, sizeof info->manufacturerID, "certbridge");
    cb_pad(info->libraryDescription, sizeof info->libraryDescription, "Certificates of registries");
    return cb_module_leave(CKR_OK);
}
