/* A snapshot with any byte changed, or cut anywhere, is refused or read right: never a crash, never
 * a certificate that nobody wrote. */
#include "tests/pkcs11/harness.h"
#include "tests/pkcs11/world.h"
#include <stdio.h>
#include <stdlib.h>

#define PLACES 400u /* of the file that are tried; spread evenly */
#define SNAPSHOT_MAX (1u << 20)

static uint8_t whole[SNAPSHOT_MAX];
static size_t n_whole;
static unsigned refused, served;

/* Replaced by rename, as a sync does: a file must not shrink under a map. */
static void put_snapshot(const uint8_t *p, size_t n)
{
    char path[4096], temporary[4096];
    snprintf(path, sizeof path, "%s/cache/people.cdb", world_dir);
    snprintf(temporary, sizeof temporary, "%s/cache/new", world_dir);
    FILE *f = fopen(temporary, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(rename(temporary, path), 0);
}

static int setup(void **state)
{
    char path[4096];
    world_setup(state);
    snprintf(path, sizeof path, "%s/cache/people.cdb", world_dir);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    n_whole = fread(whole, 1, sizeof whole, f);
    assert_int_equal(fclose(f), 0);
    assert_in_range(n_whole, 1000, sizeof whole - 1);
    return 0;
}

static bool written(const uint8_t *der, CK_ULONG n)
{
    for (const struct credential *c = world_credentials; c->path; c++)
        for (int i = -1; i < WORLD_CHAIN_MAX; i++) {
            const char *name = i < 0 ? c->subject : c->issuers[i];
            uint8_t *good = NULL;
            int length = name ? i2d_X509(world_certificate(name), &good) : 0;
            bool same = good && (CK_ULONG)length == n && memcmp(good, der, n) == 0;
            OPENSSL_free(good);
            if (same)
                return true;
        }
    return false;
}

static void judge_object(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o)
{
    CK_BYTE value[8192], label[100];
    CK_OBJECT_CLASS class = 0;
    CK_ATTRIBUTE t[] = {{CKA_CLASS, &class, sizeof class},
                        {CKA_VALUE, value, sizeof value},
                        {CKA_LABEL, label, sizeof label}};
    assert_int_equal(p11->C_GetAttributeValue(s, o, t, 3), CKR_OK);
    assert_true(class == CKO_DATA || written(value, t[1].ulValueLen));
}

/* Reads everything that is served, and searches once by each index. */
static void read_snapshot(void)
{
    CK_OBJECT_HANDLE found[64];
    CK_ULONG n = 0;
    CK_ATTRIBUTE by[] = {{CKA_LABEL, "Ada", 3}, {CKA_ID, "x", 1}, {CKA_UNIQUE_ID, "u1/c1", 5}};
    assert_int_equal(module_start(NULL), 0);
    CK_SESSION_HANDLE s = open_session(PEOPLE);
    CK_RV rv = p11->C_FindObjectsInit(s, NULL, 0);
    if (rv == CKR_OK)
        rv = p11->C_FindObjects(s, found, 64, &n);
    assert_true(rv == CKR_OK || rv == CKR_DEVICE_ERROR);
    *(rv == CKR_OK ? &served : &refused) += 1;
    for (CK_ULONG i = 0; i < n; i++)
        judge_object(s, found[i]);
    for (size_t i = 0; i < sizeof by / sizeof by[0]; i++) {
        p11->C_FindObjectsFinal(s);
        if (p11->C_FindObjectsInit(s, &by[i], 1) == CKR_OK)
            p11->C_FindObjects(s, found, 64, &n);
    }
    assert_int_equal(module_stop(NULL), 0);
}

static void changed_bytes(void **state)
{
    (void)state;
    refused = served = 0;
    for (size_t i = 0; i < PLACES; i++) {
        size_t at = i < PLACES / 4 ? i : i * (n_whole / PLACES);
        uint8_t kept = whole[at];
        whole[at] ^= i % 2 ? 0xff : 0x01;
        put_snapshot(whole, n_whole);
        read_snapshot();
        whole[at] = kept;
    }
    assert_true(refused > PLACES / 8 && served > PLACES / 8);
}

static void cut_files(void **state)
{
    (void)state;
    refused = served = 0;
    for (size_t i = 0; i < PLACES; i++) {
        put_snapshot(whole, i * (n_whole / PLACES));
        read_snapshot();
    }
    assert_int_equal(served, 0);
    put_snapshot(whole, n_whole);
    read_snapshot();
    assert_int_equal(served, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(changed_bytes),
                                       cmocka_unit_test(cut_files)};
    return cmocka_run_group_tests_name("pkcs11 damage", tests, setup, world_teardown);
}
