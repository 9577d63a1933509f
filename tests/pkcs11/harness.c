#include "tests/pkcs11/harness.h"
#include "tests/pkcs11/world.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

CK_FUNCTION_LIST *p11;
char world_dir[] = "/tmp/certbridge-p11-XXXXXX";

int world_setup(void **state)
{
    char path[4096];
    CK_C_GetFunctionList get_list;
    (void)state;
    assert_non_null(mkdtemp(world_dir));
    world_write(world_dir);
    snprintf(path, sizeof path, "%s/.libs/certbridge-pkcs11.so", getenv("top_builddir"));
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!module)
        fail_msg("%s", dlerror());
    *(void **)&get_list = dlsym(module, "C_GetFunctionList");
    assert_non_null(get_list);
    assert_int_equal(get_list(&p11), CKR_OK);
    return 0;
}

int world_teardown(void **state)
{
    char command[4096];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", world_dir);
    return system(command);
}

int module_start(void **state)
{
    char words[4096];
    CK_C_INITIALIZE_ARGS args = {.flags = CKF_OS_LOCKING_OK, .pReserved = words};
    (void)state;
    snprintf(words, sizeof words, "verbose=yes config='%s/certbridge.conf'", world_dir);
    return p11->C_Initialize(&args) == CKR_OK ? 0 : -1;
}

int module_stop(void **state)
{
    (void)state;
    return p11->C_Finalize(NULL) == CKR_OK ? 0 : -1;
}

CK_SESSION_HANDLE open_session(CK_SLOT_ID slot)
{
    CK_SESSION_HANDLE session;
    assert_int_equal(p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session), CKR_OK);
    return session;
}

CK_ULONG find(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n, CK_ULONG at_once,
              CK_OBJECT_HANDLE *found)
{
    CK_ULONG all = 0, some;
    assert_int_equal(p11->C_FindObjectsInit(session, template, n), CKR_OK);
    do {
        assert_true(all + at_once <= FOUND_MAX);
        assert_int_equal(p11->C_FindObjects(session, found + all, at_once, &some), CKR_OK);
        assert_true(some <= at_once);
        all += some;
    } while (some);
    assert_int_equal(p11->C_FindObjectsFinal(session), CKR_OK);
    return all;
}

CK_OBJECT_HANDLE find_one(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n)
{
    CK_OBJECT_HANDLE found[FOUND_MAX];
    assert_int_equal(find(session, template, n, 1, found), 1);
    return found[0];
}

uint8_t *get(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
             CK_ULONG *length)
{
    CK_ATTRIBUTE a = {type, NULL, 0};
    CK_RV rv = p11->C_GetAttributeValue(session, object, &a, 1);
    *length = a.ulValueLen;
    if (rv == CKR_ATTRIBUTE_TYPE_INVALID) {
        assert_true(a.ulValueLen == CK_UNAVAILABLE_INFORMATION);
        return NULL;
    }
    assert_int_equal(rv, CKR_OK);
    a.pValue = malloc(a.ulValueLen + 1);
    assert_non_null(a.pValue);
    assert_int_equal(p11->C_GetAttributeValue(session, object, &a, 1), CKR_OK);
    assert_int_equal(a.ulValueLen, *length);
    return a.pValue;
}

void assert_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                  const void *value, CK_ULONG length)
{
    CK_ULONG n;
    uint8_t *got = get(session, object, type, &n);
    if (!got)
        fail_msg("attribute %#lx is missing", type);
    if (n != length || memcmp(got, value, n) != 0)
        fail_msg("attribute %#lx: \"%.*s\" (%lu) instead of \"%.*s\" (%lu)", type, (int)n, got, n,
                 (int)length, (const char *)value, length);
    free(got);
}

void assert_no_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
    CK_ULONG n;
    uint8_t *got = get(session, object, type, &n);
    if (got)
        fail_msg("attribute %#lx is there", type);
}
