/* Every function of the table: what it answers, and what it refuses, in which order. */
#include "tests/pkcs11/harness.h"
#include "tests/pkcs11/world.h"
#include <stdio.h>
#include <stdlib.h>

/* Some mutex functions: the module must not call them. */
static CK_RV make_mutex(void **m)
{
    (void)m;
    abort();
}

static CK_RV use_mutex(void *m)
{
    (void)m;
    abort();
}

static const struct {
    CK_C_INITIALIZE_ARGS args;
    CK_RV rv;
} initializations[] = {
    {{NULL, NULL, NULL, NULL, 0, NULL}, CKR_OK},
    {{NULL, NULL, NULL, NULL, CKF_OS_LOCKING_OK, NULL}, CKR_OK},
    {{NULL, NULL, NULL, NULL, CKF_OS_LOCKING_OK | CKF_LIBRARY_CANT_CREATE_OS_THREADS, NULL},
     CKR_OK},
    {{NULL, NULL, NULL, NULL, CKF_LIBRARY_CANT_CREATE_OS_THREADS, NULL}, CKR_OK},
    {{make_mutex, use_mutex, use_mutex, use_mutex, 0, NULL}, CKR_CANT_LOCK},
    {{make_mutex, use_mutex, use_mutex, use_mutex, CKF_OS_LOCKING_OK, NULL}, CKR_OK},
    {{make_mutex, NULL, NULL, NULL, CKF_OS_LOCKING_OK, NULL}, CKR_ARGUMENTS_BAD},
    {{NULL, use_mutex, use_mutex, use_mutex, 0, NULL}, CKR_ARGUMENTS_BAD},
    {{make_mutex, use_mutex, use_mutex, NULL, CKF_OS_LOCKING_OK, NULL}, CKR_ARGUMENTS_BAD},
    {{NULL, NULL, NULL, NULL, 0, ""}, CKR_OK},
    {{NULL, NULL, NULL, NULL, 0, " verbose=yes"}, CKR_OK},
    {{NULL, NULL, NULL, NULL, 0, "configdir='sql:/x' certPrefix='' flags=readOnly"}, CKR_OK},
};

static void initializes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof initializations / sizeof initializations[0]; i++) {
        CK_C_INITIALIZE_ARGS args = initializations[i].args;
        assert_int_equal(p11->C_Initialize(&args), initializations[i].rv);
        assert_int_equal(p11->C_Finalize(NULL),
                         initializations[i].rv == CKR_OK ? CKR_OK : CKR_CRYPTOKI_NOT_INITIALIZED);
    }
    assert_int_equal(p11->C_Initialize(NULL), CKR_OK);
    assert_int_equal(p11->C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
    assert_int_equal(p11->C_Finalize(p11), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_Finalize(NULL), CKR_OK);
}

static CK_ULONG slots_with(const char *words)
{
    CK_ULONG n = 99;
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", words);
    CK_C_INITIALIZE_ARGS args = {.pReserved = copy};
    assert_int_equal(p11->C_Initialize(&args), CKR_OK);
    assert_int_equal(p11->C_GetSlotList(CK_FALSE, NULL, &n), CKR_OK);
    assert_int_equal(p11->C_Finalize(NULL), CKR_OK);
    return n;
}

static void finds_the_configuration(void **state)
{
    char words[4096];
    (void)state;
    setenv("CERTBRIDGE_CONF", "/nonexistent/certbridge.conf", 1);
    assert_int_equal(slots_with(""), 0);
    snprintf(words, sizeof words, "a=b config=\"%s/certbridge.conf\"", world_dir);
    assert_int_equal(slots_with(words), N_SOURCES);
    snprintf(words, sizeof words, "%s/certbridge.conf", world_dir);
    setenv("CERTBRIDGE_CONF", words, 1);
    assert_int_equal(slots_with(""), N_SOURCES);
    assert_int_equal(slots_with("config=/nonexistent"), 0);
    unsetenv("CERTBRIDGE_CONF");
}

static void describes_itself(void **state)
{
    CK_INFO info;
    CK_FUNCTION_LIST *list;
    (void)state;
    assert_int_equal(p11->C_GetFunctionList(NULL), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_GetFunctionList(&list), CKR_OK);
    assert_ptr_equal(list, p11);
    assert_int_equal(list->version.major, 2);
    assert_int_equal(list->version.minor, 40);
    assert_int_equal(p11->C_GetInfo(NULL), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_GetInfo(&info), CKR_OK);
    assert_int_equal(info.cryptokiVersion.major, 2);
    assert_int_equal(info.cryptokiVersion.minor, 40);
    assert_int_equal(info.flags, 0);
    assert_memory_equal(info.manufacturerID, "certbridge                      ", 32);
}

/* No entry of the table is empty. */
static void table_is_complete(void **state)
{
    const unsigned char *p = (const unsigned char *)p11 + offsetof(CK_FUNCTION_LIST, C_Initialize);
    const unsigned char *end = (const unsigned char *)(&p11->C_WaitForSlotEvent + 1);
    (void)state;
    assert_int_equal((size_t)(end - p) / sizeof(void (*)(void)), 68);
    for (; p < end; p += sizeof(void (*)(void))) {
        void (*function)(void);
        memcpy(&function, p, sizeof function);
        assert_non_null(function);
    }
}

static void lists_slots(void **state)
{
    CK_SLOT_ID list[N_SOURCES + 1];
    CK_ULONG n;
    (void)state;
    for (int present = 0; present <= 1; present++) {
        CK_BBOOL only = (CK_BBOOL)present;
        assert_int_equal(p11->C_GetSlotList(only, NULL, NULL), CKR_ARGUMENTS_BAD);
        assert_int_equal(p11->C_GetSlotList(only, NULL, &n), CKR_OK);
        assert_int_equal(n, N_SOURCES);
        n = N_SOURCES - 1;
        assert_int_equal(p11->C_GetSlotList(only, list, &n), CKR_BUFFER_TOO_SMALL);
        assert_int_equal(n, N_SOURCES);
        n = N_SOURCES + 1;
        assert_int_equal(p11->C_GetSlotList(only, list, &n), CKR_OK);
        assert_int_equal(n, N_SOURCES);
        for (CK_SLOT_ID id = 0; id < n; id++)
            assert_int_equal(list[id], id);
    }
}

/* `text` padded with blanks. */
static void assert_field(const CK_UTF8CHAR *field, size_t size, const char *text)
{
    char wanted[65];
    snprintf(wanted, sizeof wanted, "%-*s", (int)size, text);
    assert_memory_equal(field, wanted, size);
}

static void describes_slots(void **state)
{
    CK_SLOT_INFO slot;
    CK_TOKEN_INFO token;
    (void)state;
    for (CK_SLOT_ID id = 0; id < N_SOURCES; id++) {
        char uri[64];
        snprintf(uri, sizeof uri, "certbridge://%s", world_sources[id]);
        assert_int_equal(p11->C_GetSlotInfo(id, NULL), CKR_ARGUMENTS_BAD);
        assert_int_equal(p11->C_GetSlotInfo(id, &slot), CKR_OK);
        assert_field(slot.slotDescription, 64, uri);
        assert_field(slot.manufacturerID, 32, "Nevis");
        assert_int_equal(slot.flags, CKF_TOKEN_PRESENT);
        assert_int_equal(p11->C_GetTokenInfo(id, NULL), CKR_ARGUMENTS_BAD);
        assert_int_equal(p11->C_GetTokenInfo(id, &token), CKR_OK);
        assert_field(token.label, 32, world_sources[id]);
        assert_field(token.manufacturerID, 32, "Nevis");
        assert_field(token.model, 16, "nevisidm");
        assert_int_equal(token.flags, CKF_TOKEN_INITIALIZED | CKF_WRITE_PROTECTED);
        assert_int_equal(token.ulSessionCount, 0);
        for (int i = 0; i < 16; i++)
            assert_non_null(strchr("0123456789abcdef", token.serialNumber[i]));
    }
    assert_int_equal(p11->C_GetSlotInfo(N_SOURCES, &slot), CKR_SLOT_ID_INVALID);
    assert_int_equal(p11->C_GetTokenInfo(N_SOURCES, &token), CKR_SLOT_ID_INVALID);
    assert_int_equal(p11->C_GetTokenInfo((CK_SLOT_ID)-1, NULL), CKR_SLOT_ID_INVALID);
}

static void has_no_mechanisms(void **state)
{
    CK_MECHANISM_TYPE list[1];
    CK_MECHANISM_INFO info;
    CK_ULONG n = 1;
    (void)state;
    assert_int_equal(p11->C_GetMechanismList(0, NULL, NULL), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_GetMechanismList(N_SOURCES, NULL, &n), CKR_SLOT_ID_INVALID);
    assert_int_equal(p11->C_GetMechanismList(0, list, &n), CKR_OK);
    assert_int_equal(n, 0);
    assert_int_equal(p11->C_GetMechanismInfo(0, CKM_RSA_PKCS, &info), CKR_MECHANISM_INVALID);
    assert_int_equal(p11->C_GetMechanismInfo(0, CKM_RSA_PKCS, NULL), CKR_ARGUMENTS_BAD);
}

static void has_no_events(void **state)
{
    CK_SLOT_ID slot;
    (void)state;
    assert_int_equal(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
    assert_int_equal(p11->C_WaitForSlotEvent(0, &slot, NULL), CKR_FUNCTION_NOT_SUPPORTED);
    assert_int_equal(p11->C_WaitForSlotEvent(CKF_DONT_BLOCK, NULL, NULL), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_WaitForSlotEvent(0, &slot, p11), CKR_ARGUMENTS_BAD);
}

static void opens_and_closes_sessions(void **state)
{
    CK_SESSION_HANDLE ro, rw, other;
    CK_TOKEN_INFO token;
    CK_SESSION_INFO info;
    CK_FLAGS serial = CKF_SERIAL_SESSION, both = CKF_SERIAL_SESSION | CKF_RW_SESSION;
    (void)state;
    assert_int_equal(p11->C_OpenSession(N_SOURCES, serial, NULL, NULL, &ro), CKR_SLOT_ID_INVALID);
    assert_int_equal(p11->C_OpenSession(0, serial, NULL, NULL, NULL), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_OpenSession(0, 0, NULL, NULL, &ro), CKR_SESSION_PARALLEL_NOT_SUPPORTED);
    assert_int_equal(p11->C_OpenSession(0, serial, NULL, NULL, &ro), CKR_OK);
    assert_int_equal(p11->C_OpenSession(0, both, NULL, NULL, &rw), CKR_OK);
    assert_int_equal(p11->C_OpenSession(DEAD, serial, NULL, NULL, &other), CKR_OK);
    assert_int_equal(p11->C_GetTokenInfo(0, &token), CKR_OK);
    assert_int_equal(token.ulSessionCount, 2);
    assert_int_equal(token.ulRwSessionCount, 1);
    assert_int_equal(p11->C_GetSessionInfo(rw, NULL), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_GetSessionInfo(other, &info), CKR_OK);
    assert_int_equal(info.slotID, DEAD);
    assert_int_equal(info.flags, serial);
    assert_int_equal(p11->C_GetSessionInfo(rw, &info), CKR_OK);
    assert_int_equal(info.flags, both);
    assert_int_equal(p11->C_CloseSession(ro), CKR_OK);
    assert_int_equal(p11->C_CloseSession(ro), CKR_SESSION_HANDLE_INVALID);
    assert_int_equal(p11->C_CloseAllSessions(N_SOURCES), CKR_SLOT_ID_INVALID);
    assert_int_equal(p11->C_CloseAllSessions(0), CKR_OK);
    assert_int_equal(p11->C_GetSessionInfo(rw, &info), CKR_SESSION_HANDLE_INVALID);
    assert_int_equal(p11->C_GetSessionInfo(other, &info), CKR_OK);
}

/* Beyond the first size of the table, and handles are not given again. */
static void opens_many_sessions(void **state)
{
    enum { MANY = 1000 };
    static CK_SESSION_HANDLE seen[3 * MANY];
    CK_SESSION_INFO info;
    (void)state;
    for (int i = 0; i < 3 * MANY; i++) {
        seen[i] = open_session((CK_SLOT_ID)i % N_SOURCES);
        assert_int_not_equal(seen[i], CK_INVALID_HANDLE);
        for (int k = i - 1; k >= 0 && k > i - 300; k--)
            assert_true(seen[k] != seen[i]);
        if (i >= MANY)
            assert_int_equal(p11->C_CloseSession(seen[i - MANY]), CKR_OK);
    }
    for (int i = 0; i < 3 * MANY; i++)
        assert_int_equal(p11->C_GetSessionInfo(seen[i], &info),
                         i < 2 * MANY ? CKR_SESSION_HANDLE_INVALID : CKR_OK);
}

static CK_STATE state_of(CK_SESSION_HANDLE session)
{
    CK_SESSION_INFO info;
    assert_int_equal(p11->C_GetSessionInfo(session, &info), CKR_OK);
    return info.state;
}

static void logs_in(void **state)
{
    CK_UTF8CHAR pin[] = "1234";
    CK_SESSION_HANDLE ro = open_session(0), other = open_session(1), rw;
    (void)state;
    assert_int_equal(p11->C_OpenSession(0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &rw),
                     CKR_OK);
    assert_int_equal(state_of(ro), CKS_RO_PUBLIC_SESSION);
    assert_int_equal(state_of(rw), CKS_RW_PUBLIC_SESSION);
    assert_int_equal(p11->C_Logout(ro), CKR_USER_NOT_LOGGED_IN);
    assert_int_equal(p11->C_Login(ro, CKU_SO, pin, 4), CKR_USER_TYPE_INVALID);
    assert_int_equal(p11->C_Login(ro, 77, pin, 4), CKR_USER_TYPE_INVALID);
    assert_int_equal(p11->C_Login(ro, CKU_CONTEXT_SPECIFIC, pin, 4), CKR_OPERATION_NOT_INITIALIZED);
    assert_int_equal(p11->C_Login(ro, CKU_USER, NULL, 4), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_Login(12345, CKU_USER, NULL, 4), CKR_SESSION_HANDLE_INVALID);
    assert_int_equal(p11->C_Login(ro, CKU_USER, pin, 4), CKR_OK);
    assert_int_equal(p11->C_Login(rw, CKU_USER, NULL, 0), CKR_USER_ALREADY_LOGGED_IN);
    assert_int_equal(state_of(ro), CKS_RO_USER_FUNCTIONS);
    assert_int_equal(state_of(rw), CKS_RW_USER_FUNCTIONS);
    assert_int_equal(state_of(other), CKS_RO_PUBLIC_SESSION);
    assert_int_equal(p11->C_Logout(rw), CKR_OK);
    assert_int_equal(p11->C_Login(rw, CKU_USER, NULL, 0), CKR_OK);
    assert_int_equal(p11->C_CloseAllSessions(0), CKR_OK);
    assert_int_equal(state_of(open_session(0)), CKS_RO_PUBLIC_SESSION);
}

#define BAD CKR_ARGUMENTS_BAD
#define PROTECTED CKR_TOKEN_WRITE_PROTECTED
#define UNSUPPORTED CKR_FUNCTION_NOT_SUPPORTED

/* What a function refuses with good arguments, and with a bad one; before both comes the handle. */
static void refuses(void **state)
{
    CK_BYTE b[4] = {0};
    CK_ULONG n = sizeof b;
    CK_MECHANISM m = {CKM_SHA256, NULL, 0};
    CK_ATTRIBUTE t = {CKA_LABEL, b, sizeof b};
    CK_OBJECT_HANDLE o;
    CK_FUNCTION_LIST *f = p11;
    CK_SESSION_HANDLE good = open_session(0), handles[] = {good, 0, 12345};
    (void)state;
    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++) {
        CK_SESSION_HANDLE s = handles[i];
#define REFUSES(wanted, call)                                                                      \
    assert_int_equal(f->call, s == good ? (wanted) : CKR_SESSION_HANDLE_INVALID)
        REFUSES(PROTECTED, C_InitPIN(s, b, n));
        REFUSES(BAD, C_InitPIN(s, NULL, n));
        REFUSES(PROTECTED, C_SetPIN(s, b, n, b, n));
        REFUSES(BAD, C_SetPIN(s, b, n, NULL, n));
        REFUSES(PROTECTED, C_CreateObject(s, &t, 1, &o));
        REFUSES(BAD, C_CreateObject(s, NULL, 1, &o));
        REFUSES(BAD, C_CreateObject(s, &t, 1, NULL));
        REFUSES(UNSUPPORTED, C_GetOperationState(s, b, &n));
        REFUSES(BAD, C_GetOperationState(s, b, NULL));
        REFUSES(UNSUPPORTED, C_SetOperationState(s, b, n, 0, 0));
        REFUSES(BAD, C_SetOperationState(s, NULL, n, 0, 0));
        REFUSES(UNSUPPORTED, C_EncryptInit(s, &m, 1));
        REFUSES(BAD, C_EncryptInit(s, NULL, 1));
        REFUSES(UNSUPPORTED, C_Encrypt(s, b, n, NULL, &n));
        REFUSES(BAD, C_Encrypt(s, NULL, n, NULL, &n));
        REFUSES(BAD, C_Encrypt(s, b, n, NULL, NULL));
        REFUSES(UNSUPPORTED, C_EncryptUpdate(s, b, n, b, &n));
        REFUSES(UNSUPPORTED, C_EncryptFinal(s, b, &n));
        REFUSES(UNSUPPORTED, C_DecryptInit(s, &m, 1));
        REFUSES(UNSUPPORTED, C_Decrypt(s, b, n, b, &n));
        REFUSES(UNSUPPORTED, C_DecryptUpdate(s, b, n, b, &n));
        REFUSES(UNSUPPORTED, C_DecryptFinal(s, b, &n));
        REFUSES(UNSUPPORTED, C_DigestInit(s, &m));
        REFUSES(BAD, C_DigestInit(s, NULL));
        REFUSES(UNSUPPORTED, C_Digest(s, b, n, b, &n));
        REFUSES(UNSUPPORTED, C_DigestUpdate(s, b, n));
        REFUSES(BAD, C_DigestUpdate(s, NULL, n));
        REFUSES(UNSUPPORTED, C_DigestKey(s, 1));
        REFUSES(UNSUPPORTED, C_DigestFinal(s, NULL, &n));
        REFUSES(UNSUPPORTED, C_SignInit(s, &m, 1));
        REFUSES(UNSUPPORTED, C_Sign(s, b, n, b, &n));
        REFUSES(UNSUPPORTED, C_SignUpdate(s, b, n));
        REFUSES(UNSUPPORTED, C_SignFinal(s, b, &n));
        REFUSES(UNSUPPORTED, C_SignRecoverInit(s, &m, 1));
        REFUSES(UNSUPPORTED, C_SignRecover(s, b, n, b, &n));
        REFUSES(UNSUPPORTED, C_VerifyInit(s, &m, 1));
        REFUSES(UNSUPPORTED, C_Verify(s, b, n, b, n));
        REFUSES(BAD, C_Verify(s, b, n, NULL, n));
        REFUSES(UNSUPPORTED, C_VerifyUpdate(s, b, n));
        REFUSES(UNSUPPORTED, C_VerifyFinal(s, b, n));
        REFUSES(UNSUPPORTED, C_VerifyRecoverInit(s, &m, 1));
        REFUSES(UNSUPPORTED, C_VerifyRecover(s, b, n, b, &n));
        REFUSES(UNSUPPORTED, C_DigestEncryptUpdate(s, b, n, b, &n));
        REFUSES(UNSUPPORTED, C_DecryptDigestUpdate(s, b, n, b, &n));
        REFUSES(UNSUPPORTED, C_SignEncryptUpdate(s, b, n, b, &n));
        REFUSES(UNSUPPORTED, C_DecryptVerifyUpdate(s, b, n, b, &n));
        REFUSES(UNSUPPORTED, C_GenerateKey(s, &m, &t, 1, &o));
        REFUSES(BAD, C_GenerateKey(s, &m, &t, 1, NULL));
        REFUSES(UNSUPPORTED, C_GenerateKeyPair(s, &m, &t, 1, &t, 1, &o, &o));
        REFUSES(BAD, C_GenerateKeyPair(s, &m, NULL, 1, &t, 1, &o, &o));
        REFUSES(UNSUPPORTED, C_WrapKey(s, &m, 1, 1, b, &n));
        REFUSES(BAD, C_WrapKey(s, &m, 1, 1, b, NULL));
        REFUSES(UNSUPPORTED, C_UnwrapKey(s, &m, 1, b, n, &t, 1, &o));
        REFUSES(BAD, C_UnwrapKey(s, &m, 1, NULL, n, &t, 1, &o));
        REFUSES(UNSUPPORTED, C_DeriveKey(s, &m, 1, &t, 1, &o));
        REFUSES(BAD, C_DeriveKey(s, NULL, 1, &t, 1, &o));
        REFUSES(CKR_RANDOM_NO_RNG, C_SeedRandom(s, b, n));
        REFUSES(CKR_RANDOM_NO_RNG, C_GenerateRandom(s, b, n));
        REFUSES(BAD, C_GenerateRandom(s, NULL, n));
        REFUSES(CKR_FUNCTION_NOT_PARALLEL, C_GetFunctionStatus(s));
        REFUSES(CKR_FUNCTION_NOT_PARALLEL, C_CancelFunction(s));
    }
    assert_int_equal(f->C_InitToken(0, b, n, b), PROTECTED);
    assert_int_equal(f->C_InitToken(0, b, n, NULL), BAD);
    assert_int_equal(f->C_InitToken(N_SOURCES, b, n, b), CKR_SLOT_ID_INVALID);
}

/* Changing an object is refused after its handle was looked at. */
static void refuses_changes(void **state)
{
    CK_OBJECT_HANDLE found[FOUND_MAX], copy;
    CK_SESSION_HANDLE s = open_session(0);
    CK_ATTRIBUTE t = {CKA_LABEL, "x", 1};
    (void)state;
    assert_true(find(s, NULL, 0, 10, found) > 0);
    assert_int_equal(p11->C_CopyObject(s, found[0], &t, 1, &copy), PROTECTED);
    assert_int_equal(p11->C_CopyObject(s, found[0], NULL, 1, &copy), BAD);
    assert_int_equal(p11->C_CopyObject(s, 1, &t, 1, &copy), CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(p11->C_DestroyObject(s, found[0]), PROTECTED);
    assert_int_equal(p11->C_DestroyObject(s, 0), CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(p11->C_DestroyObject(0, found[0]), CKR_SESSION_HANDLE_INVALID);
    assert_int_equal(p11->C_SetAttributeValue(s, found[0], &t, 1), PROTECTED);
    assert_int_equal(p11->C_SetAttributeValue(s, found[0], NULL, 1), BAD);
    assert_int_equal(p11->C_SetAttributeValue(s, 1, &t, 1), CKR_OBJECT_HANDLE_INVALID);
}

/* Any function but these, before C_Initialize and after C_Finalize. */
static void wants_initialization(void **state)
{
    CK_ULONG n = 0;
    CK_FUNCTION_LIST *f = p11;
    (void)state;
    const CK_RV answers[] = {
        f->C_Finalize(NULL),
        f->C_GetInfo(NULL),
        f->C_GetSlotList(CK_TRUE, NULL, NULL),
        f->C_GetSlotInfo(99, NULL),
        f->C_GetTokenInfo(99, NULL),
        f->C_GetMechanismList(99, NULL, NULL),
        f->C_GetMechanismInfo(99, 0, NULL),
        f->C_InitToken(99, NULL, 1, NULL),
        f->C_WaitForSlotEvent(0, NULL, NULL),
        f->C_OpenSession(99, 0, NULL, NULL, NULL),
        f->C_CloseSession(0),
        f->C_CloseAllSessions(99),
        f->C_GetSessionInfo(0, NULL),
        f->C_Login(0, 99, NULL, 1),
        f->C_Logout(0),
        f->C_InitPIN(0, NULL, 1),
        f->C_CreateObject(0, NULL, 1, NULL),
        f->C_CopyObject(0, 0, NULL, 1, NULL),
        f->C_DestroyObject(0, 0),
        f->C_GetObjectSize(0, 0, &n),
        f->C_GetAttributeValue(0, 0, NULL, 1),
        f->C_SetAttributeValue(0, 0, NULL, 1),
        f->C_FindObjectsInit(0, NULL, 1),
        f->C_FindObjects(0, NULL, 1, NULL),
        f->C_FindObjectsFinal(0),
        f->C_EncryptInit(0, NULL, 0),
        f->C_GenerateRandom(0, NULL, 1),
        f->C_GetFunctionStatus(0),
    };
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        assert_int_equal(answers[i], CKR_CRYPTOKI_NOT_INITIALIZED);
}

#define WITH_MODULE(test) cmocka_unit_test_setup_teardown(test, module_start, module_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wants_initialization),
        cmocka_unit_test(table_is_complete),
        cmocka_unit_test(initializes),
        cmocka_unit_test(wants_initialization),
        cmocka_unit_test(finds_the_configuration),
        WITH_MODULE(describes_itself),
        WITH_MODULE(lists_slots),
        WITH_MODULE(describes_slots),
        WITH_MODULE(has_no_mechanisms),
        WITH_MODULE(has_no_events),
        WITH_MODULE(opens_and_closes_sessions),
        WITH_MODULE(opens_many_sessions),
        WITH_MODULE(logs_in),
        WITH_MODULE(refuses),
        WITH_MODULE(refuses_changes),
    };
    return cmocka_run_group_tests_name("pkcs11 calls", tests, world_setup, world_teardown);
}
