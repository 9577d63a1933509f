/* Objects: what they answer, and that every search finds exactly what it should. */
#include "tests/pkcs11/harness.h"
#include "tests/pkcs11/world.h"
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CKO_PROFILE_OF_3_0 9UL

static const struct credential *credential(const char *path)
{
    const struct credential *c = world_credentials;
    while (c->path && strcmp(c->path, path) != 0)
        c++;
    assert_non_null(c->path);
    return c;
}

/* The object with this CKA_UNIQUE_ID. */
static CK_OBJECT_HANDLE by_path(CK_SESSION_HANDLE s, const char *path)
{
    char copy[256];
    snprintf(copy, sizeof copy, "%s", path);
    CK_ATTRIBUTE t = {CKA_UNIQUE_ID, copy, strlen(copy)};
    return find_one(s, &t, 1);
}

static CK_OBJECT_HANDLE by_certificate(CK_SESSION_HANDLE s, X509 *x)
{
    uint8_t *der = NULL;
    int n = i2d_X509(x, &der);
    CK_ATTRIBUTE t = {CKA_VALUE, der, (CK_ULONG)n};
    CK_OBJECT_HANDLE object = find_one(s, &t, 1);
    OPENSSL_free(der);
    return object;
}

static size_t count(int source, bool shown)
{
    size_t n = 0;
    for (const struct credential *c = world_credentials; c->path; c++)
        n += c->source == source && c->shown == shown;
    return n;
}

static void lists_what_is_shown(void **state)
{
    CK_OBJECT_HANDLE found[FOUND_MAX], again[FOUND_MAX];
    CK_SESSION_HANDLE s = open_session(PEOPLE);
    CK_ULONG n = find(s, NULL, 0, 1, found);
    (void)state;
    assert_int_equal(n, count(PEOPLE, true) + 2); /* Sub CA, Root CA; not Old CA */
    assert_int_equal(find(s, NULL, 0, 7, again), n);
    assert_memory_equal(found, again, n * sizeof *found);
    assert_int_equal(find(s, NULL, 0, FOUND_MAX / 2, again), n);
    assert_memory_equal(found, again, n * sizeof *found);
    /* Root CA, Off; not Anchor, which is an object already. */
    assert_int_equal(find(open_session(ROOTS), NULL, 0, 5, again), count(ROOTS, true) + 2);
    assert_int_equal(find(open_session(EMPTY), NULL, 0, 5, again), 0);
    for (const struct credential *c = world_credentials; c->path; c++) {
        CK_ATTRIBUTE t = {CKA_UNIQUE_ID, (void *)(uintptr_t)c->path, strlen(c->path)};
        CK_SESSION_HANDLE of = open_session((CK_SLOT_ID)c->source);
        assert_int_equal(find(of, &t, 1, 5, again), c->shown);
    }
}

struct expected {
    CK_ATTRIBUTE_TYPE type;
    const void *value;
    CK_ULONG n;
};

static void assert_values(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, const struct expected *e,
                          size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_value(s, o, e[i].type, e[i].value, e[i].n);
}

static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
static const CK_ULONG zero = 0;

static const struct expected every_object[] = {
    {CKA_TOKEN, &yes, 1},   {CKA_PRIVATE, &no, 1},     {CKA_MODIFIABLE, &no, 1},
    {CKA_COPYABLE, &no, 1}, {CKA_DESTROYABLE, &no, 1},
};

static void date_of(const ASN1_TIME *t, char out[9])
{
    struct tm tm;
    ASN1_TIME_to_tm(t, &tm);
    snprintf(out, 9, "%04u%02u%02u", (unsigned)(tm.tm_year + 1900) % 10000,
             (unsigned)(tm.tm_mon + 1) % 100, (unsigned)tm.tm_mday % 100);
}

/* RFC 5280, 4.2.1.2: the extension, else the first method. */
static void key_id_of(X509 *x, uint8_t out[20])
{
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(x);
    const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(x);
    if (id)
        memcpy(out, ASN1_STRING_get0_data(id), 20);
    else
        SHA1(ASN1_STRING_get0_data(key), (size_t)ASN1_STRING_length(key), out);
}

/* Everything that depends on the certificate only, worked out by libcrypto. */
static void assert_certificate(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, X509 *x)
{
    static const CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    static const CK_CERTIFICATE_TYPE type = CKC_X_509;
    static const CK_MECHANISM_TYPE sha1 = CKM_SHA_1;
    uint8_t *der = NULL, *subject = NULL, *issuer = NULL, *serial = NULL, *spki = NULL;
    uint8_t digest[20], key_id[20];
    char start[9], end[9];
    CK_ULONG der_n = (CK_ULONG)i2d_X509(x, &der);
    CK_ULONG subject_n = (CK_ULONG)i2d_X509_NAME(X509_get_subject_name(x), &subject);
    CK_ULONG issuer_n = (CK_ULONG)i2d_X509_NAME(X509_get_issuer_name(x), &issuer);
    CK_ULONG serial_n = (CK_ULONG)i2d_ASN1_INTEGER(X509_get_serialNumber(x), &serial);
    CK_ULONG spki_n = (CK_ULONG)i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &spki);
    SHA1(der, der_n, digest);
    key_id_of(x, key_id);
    date_of(X509_get0_notBefore(x), start);
    date_of(X509_get0_notAfter(x), end);
    const struct expected e[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_CERTIFICATE_TYPE, &type, sizeof type},
        {CKA_VALUE, der, der_n},
        {CKA_SUBJECT, subject, subject_n},
        {CKA_ISSUER, issuer, issuer_n},
        {CKA_SERIAL_NUMBER, serial, serial_n},
        {CKA_PUBLIC_KEY_INFO, spki, spki_n},
        {CKA_ID, key_id, sizeof key_id},
        {CKA_CHECK_VALUE, digest, 3},
        {CKA_START_DATE, start, 8},
        {CKA_END_DATE, end, 8},
        {CKA_URL, "", 0},
        {CKA_HASH_OF_SUBJECT_PUBLIC_KEY, "", 0},
        {CKA_HASH_OF_ISSUER_PUBLIC_KEY, "", 0},
        {CKA_NAME_HASH_ALGORITHM, &sha1, sizeof sha1},
        {CKA_JAVA_MIDP_SECURITY_DOMAIN, &zero, sizeof zero},
    };
    assert_values(s, o, e, sizeof e / sizeof e[0]);
    assert_no_value(s, o, CKA_APPLICATION);
    assert_no_value(s, o, CKA_KEY_TYPE);
    OPENSSL_free(der);
    OPENSSL_free(subject);
    OPENSSL_free(issuer);
    OPENSSL_free(serial);
    OPENSSL_free(spki);
}

static void assert_credential(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, const struct credential *c)
{
    char uri[256], details[1024];
    snprintf(uri, sizeof uri, "certbridge://%s/%s", world_sources[c->source], c->path);
    world_details(c, details, sizeof details);
    const struct expected e[] = {
        {CKA_LABEL, c->label, strlen(c->label)},
        {CKA_UNIQUE_ID, c->path, strlen(c->path)},
        {CKA_CERTBRIDGE_PATH, c->path, strlen(c->path)},
        {CKA_CERTBRIDGE_STATE, c->state, strlen(c->state)},
        {CKA_CERTBRIDGE_URI, uri, strlen(uri)},
        {CKA_CERTBRIDGE_DETAILS, details, strlen(details)},
    };
    assert_values(s, o, e, sizeof e / sizeof e[0]);
    assert_values(s, o, every_object, sizeof every_object / sizeof every_object[0]);
}

static void assert_passcode(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o, const struct credential *c)
{
    static const CK_OBJECT_CLASS class = CKO_DATA;
    static const CK_ATTRIBUTE_TYPE certificates_only[] = {
        CKA_CERTIFICATE_TYPE, CKA_SUBJECT,    CKA_ISSUER,        CKA_ID,  CKA_TRUSTED,
        CKA_CHECK_VALUE,      CKA_START_DATE, CKA_SERIAL_NUMBER, CKA_URL, CKA_CERTIFICATE_CATEGORY};
    char details[1024];
    world_details(c, details, sizeof details);
    const struct expected e[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_APPLICATION, "certbridge passcode", 19},
        {CKA_OBJECT_ID, "", 0},
        {CKA_VALUE, details, strlen(details)},
    };
    assert_values(s, o, e, sizeof e / sizeof e[0]);
    for (size_t i = 0; i < sizeof certificates_only / sizeof certificates_only[0]; i++)
        assert_no_value(s, o, certificates_only[i]);
}

static void answers_for_credentials(void **state)
{
    (void)state;
    for (const struct credential *c = world_credentials; c->path; c++) {
        if (!c->shown)
            continue;
        CK_SESSION_HANDLE s = open_session((CK_SLOT_ID)c->source);
        CK_OBJECT_HANDLE o = by_path(s, c->path);
        assert_credential(s, o, c);
        if (c->subject)
            assert_certificate(s, o, world_certificate(c->subject));
        else
            assert_passcode(s, o, c);
        assert_int_equal(p11->C_CloseSession(s), CKR_OK);
    }
}

static void answers_for_chains(void **state)
{
    static const char *const names[] = {"Sub CA", "Root CA"};
    static const CK_ATTRIBUTE_TYPE credentials_only[] = {
        CKA_CERTBRIDGE_STATE, CKA_CERTBRIDGE_PATH, CKA_CERTBRIDGE_URI, CKA_CERTBRIDGE_DETAILS};
    CK_SESSION_HANDLE s = open_session(PEOPLE);
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        X509 *x = world_certificate(names[i]);
        CK_OBJECT_HANDLE o = by_certificate(s, x);
        uint8_t digest[32];
        char path[6 + 64 + 1] = "chain/";
        X509_digest(x, EVP_sha256(), digest, NULL);
        for (int k = 0; k < 32; k++)
            snprintf(path + 6 + 2 * k, 3, "%02x", digest[k]);
        assert_certificate(s, o, x);
        assert_value(s, o, CKA_LABEL, names[i], strlen(names[i]));
        assert_value(s, o, CKA_UNIQUE_ID, path, sizeof path - 1);
        assert_value(s, o, CKA_TRUSTED, &no, 1);
        assert_values(s, o, every_object, sizeof every_object / sizeof every_object[0]);
        assert_true(by_path(s, path) == o);
        for (size_t k = 0; k < 4; k++)
            assert_no_value(s, o, credentials_only[k]);
    }
}

/* `trust` of the source, CA, category. */
static const struct {
    const char *path;
    CK_BBOOL trusted;
    CK_ULONG category;
} trust[] = {
    {"u1/c1", CK_FALSE, CK_CERTIFICATE_CATEGORY_TOKEN_USER},
    {"u3/ca", CK_FALSE, CK_CERTIFICATE_CATEGORY_AUTHORITY},
    {"u1/anchor", CK_TRUE, CK_CERTIFICATE_CATEGORY_AUTHORITY},
    {"u1/leaf", CK_FALSE, CK_CERTIFICATE_CATEGORY_OTHER_ENTITY},
};

static void trusts_anchors_only(void **state)
{
    CK_BBOOL wanted = CK_TRUE;
    CK_ATTRIBUTE t = {CKA_TRUSTED, &wanted, sizeof wanted};
    CK_OBJECT_HANDLE found[FOUND_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof trust / sizeof trust[0]; i++) {
        CK_SESSION_HANDLE s = open_session((CK_SLOT_ID)credential(trust[i].path)->source);
        CK_OBJECT_HANDLE o = by_path(s, trust[i].path);
        assert_value(s, o, CKA_TRUSTED, &trust[i].trusted, sizeof trust[i].trusted);
        assert_value(s, o, CKA_CERTIFICATE_CATEGORY, &trust[i].category, sizeof trust[i].category);
    }
    assert_int_equal(find(open_session(PEOPLE), &t, 1, 5, found), 0);
    assert_int_equal(find(open_session(ROOTS), &t, 1, 5, found), 1);
}

/* Every attribute by which the oracle below searches. */
static const CK_ATTRIBUTE_TYPE searched[] = {
    CKA_CLASS,
    CKA_TOKEN,
    CKA_PRIVATE,
    CKA_LABEL,
    CKA_UNIQUE_ID,
    CKA_APPLICATION,
    CKA_VALUE,
    CKA_OBJECT_ID,
    CKA_ISSUER,
    CKA_SERIAL_NUMBER,
    CKA_SUBJECT,
    CKA_ID,
    CKA_TRUSTED,
    CKA_CERTIFICATE_CATEGORY,
    CKA_URL,
    CKA_CHECK_VALUE,
    CKA_START_DATE,
    CKA_END_DATE,
    CKA_PUBLIC_KEY_INFO,
    CKA_NAME_HASH_ALGORITHM,
    CKA_MODIFIABLE,
    CKA_CERTIFICATE_TYPE,
    CKA_CERTBRIDGE_PATH,
    CKA_CERTBRIDGE_STATE,
    CKA_CERTBRIDGE_URI,
    CKA_CERTBRIDGE_DETAILS,
    CKA_KEY_TYPE,
};
#define N_SEARCHED (sizeof searched / sizeof searched[0])
#define OBJECTS_MAX 64

/* What the objects of a slot answered one by one. */
struct oracle {
    CK_OBJECT_HANDLE handles[FOUND_MAX];
    CK_ULONG n;
    uint8_t *values[OBJECTS_MAX][N_SEARCHED]; /* NULL: does not have it */
    CK_ULONG lengths[OBJECTS_MAX][N_SEARCHED];
};

static void oracle_init(struct oracle *oracle, CK_SESSION_HANDLE s)
{
    oracle->n = find(s, NULL, 0, 3, oracle->handles);
    assert_in_range(oracle->n, 1, OBJECTS_MAX);
    for (CK_ULONG o = 0; o < oracle->n; o++)
        for (size_t a = 0; a < N_SEARCHED; a++)
            oracle->values[o][a] = get(s, oracle->handles[o], searched[a], &oracle->lengths[o][a]);
}

static void oracle_clear(struct oracle *oracle)
{
    for (CK_ULONG o = 0; o < oracle->n; o++)
        for (size_t a = 0; a < N_SEARCHED; a++)
            free(oracle->values[o][a]);
}

static bool oracle_matches(const struct oracle *oracle, CK_ULONG o, const CK_ATTRIBUTE *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t a = 0;
        while (searched[a] != t[i].type)
            a++;
        if (!oracle->values[o][a] ||
            !cb_span_equal(cb_span(oracle->values[o][a], oracle->lengths[o][a]),
                           cb_span(t[i].pValue, t[i].ulValueLen)))
            return false;
    }
    return true;
}

static void assert_finds(const struct oracle *oracle, CK_SESSION_HANDLE s, CK_ATTRIBUTE *t,
                         size_t n)
{
    CK_OBJECT_HANDLE found[FOUND_MAX];
    CK_ULONG n_found = find(s, t, n, 4, found), wanted = 0;
    for (CK_ULONG o = 0; o < oracle->n; o++) {
        bool in = false;
        for (CK_ULONG k = 0; k < n_found; k++)
            in = in || found[k] == oracle->handles[o];
        assert_int_equal(in, oracle_matches(oracle, o, t, n));
        wanted += in;
    }
    assert_int_equal(n_found, wanted);
}

/* A fixed sequence: the same templates in every run. */
static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 8;
}

static void searches_as_an_oracle_does(void **state)
{
    enum { TEMPLATES = 3000, ATTRIBUTES_MAX = 6 };
    static struct oracle oracle;
    unsigned seed = 1;
    CK_SESSION_HANDLE s = open_session(PEOPLE);
    (void)state;
    oracle_init(&oracle, s);
    for (int i = 0; i < TEMPLATES; i++) {
        CK_ATTRIBUTE t[ATTRIBUTES_MAX];
        size_t n = 1 + next_random(&seed) % ATTRIBUTES_MAX, k = 0;
        CK_ULONG from = next_random(&seed) % oracle.n; /* values of one object, mostly */
        while (k < n) {
            CK_ULONG o = next_random(&seed) % 8 ? from : next_random(&seed) % oracle.n;
            size_t a = next_random(&seed) % N_SEARCHED;
            if (oracle.values[o][a] || next_random(&seed) % 4 == 0)
                t[k++] = (CK_ATTRIBUTE){searched[a], oracle.values[o][a],
                                        oracle.values[o][a] ? oracle.lengths[o][a] : 0};
        }
        assert_finds(&oracle, s, t, n);
    }
    oracle_clear(&oracle);
}

/* Each attribute of each object alone, and with a byte changed, cut off and added. */
static void compares_in_full(void **state)
{
    static struct oracle oracle;
    CK_SESSION_HANDLE s = open_session(PEOPLE);
    (void)state;
    oracle_init(&oracle, s);
    for (CK_ULONG o = 0; o < oracle.n; o++) {
        for (size_t a = 0; a < N_SEARCHED; a++) {
            CK_ULONG n = oracle.lengths[o][a];
            if (!oracle.values[o][a])
                continue;
            uint8_t *changed = malloc(n + 1);
            memcpy(changed, oracle.values[o][a], n);
            changed[n] = 0;
            CK_ATTRIBUTE t = {searched[a], changed, n};
            assert_finds(&oracle, s, &t, 1);
            t.ulValueLen = n + 1;
            assert_finds(&oracle, s, &t, 1);
            if (n) {
                t.ulValueLen = n - 1;
                assert_finds(&oracle, s, &t, 1);
                t.ulValueLen = n;
                changed[n - 1] ^= 0x20;
                assert_finds(&oracle, s, &t, 1);
            }
            free(changed);
        }
    }
    oracle_clear(&oracle);
}

static CK_OBJECT_CLASS certificate_class = CKO_CERTIFICATE, private_key_class = CKO_PRIVATE_KEY,
                       profile_class = CKO_PROFILE_OF_3_0;
static CK_BBOOL true_value = CK_TRUE, false_value = CK_FALSE;

/* On `people`: what C_FindObjectsInit says and how many are found; on `dead`: what it says. */
static const struct {
    CK_ATTRIBUTE t;
    CK_RV rv;
    CK_ULONG found;
    CK_RV dead;
} templates[] = {
    {{CKA_CLASS, &private_key_class, sizeof(CK_ULONG)}, CKR_OK, 0, CKR_OK},
    {{CKA_CLASS, &profile_class, sizeof(CK_ULONG)}, CKR_OK, 0, CKR_OK},
    {{CKA_CLASS, &certificate_class, 4}, CKR_OK, 0, CKR_OK},
    {{CKA_CLASS, NULL, 0}, CKR_OK, 0, CKR_OK},
    {{CKA_KEY_TYPE, &certificate_class, 8}, CKR_OK, 0, CKR_OK},
    {{CKA_VENDOR_DEFINED | 77, "x", 1}, CKR_OK, 0, CKR_OK},
    {{CKA_TOKEN, &false_value, 1}, CKR_OK, 0, CKR_OK},
    {{CKA_TRUSTED, &true_value, 1}, CKR_OK, 0, CKR_OK},
    {{CKA_TRUSTED, &false_value, 1}, CKR_OK, 8, CKR_DEVICE_ERROR},
    {{CKA_LABEL, "x", CK_UNAVAILABLE_INFORMATION}, CKR_OK, 0, CKR_OK},
    {{CKA_LABEL, NULL, 1}, CKR_ARGUMENTS_BAD, 0, CKR_ARGUMENTS_BAD},
    {{CKA_LABEL, NULL, CK_UNAVAILABLE_INFORMATION}, CKR_ARGUMENTS_BAD, 0, CKR_ARGUMENTS_BAD},
    {{CKA_LABEL, NULL, 0}, CKR_OK, 0, CKR_DEVICE_ERROR},
    {{CKA_LABEL, "Ada", 3}, CKR_OK, 3, CKR_DEVICE_ERROR},
    {{CKA_LABEL, "ada", 3}, CKR_OK, 0, CKR_DEVICE_ERROR},
    {{CKA_SUBJECT, "0", 1}, CKR_OK, 0, CKR_DEVICE_ERROR},
    {{CKA_ISSUER, "0", 1}, CKR_OK, 0, CKR_DEVICE_ERROR},
    {{CKA_VALUE, "0", 1}, CKR_OK, 0, CKR_DEVICE_ERROR},
    {{CKA_UNIQUE_ID, "u1", 2}, CKR_OK, 0, CKR_DEVICE_ERROR},
    {{CKA_CERTBRIDGE_URI, "certbridge://people", 19}, CKR_OK, 0, CKR_DEVICE_ERROR},
    {{CKA_CERTBRIDGE_URI, "certbridge://roots/u1/c1", 24}, CKR_OK, 0, CKR_DEVICE_ERROR},
    {{CKA_OBJECT_ID, NULL, 0}, CKR_OK, 2, CKR_DEVICE_ERROR},
};

static void judges_templates(void **state)
{
    CK_OBJECT_HANDLE found[FOUND_MAX];
    CK_ULONG n;
    CK_SESSION_HANDLE people = open_session(PEOPLE), dead = open_session(DEAD);
    (void)state;
    for (size_t i = 0; i < sizeof templates / sizeof templates[0]; i++) {
        CK_ATTRIBUTE t = templates[i].t;
        assert_int_equal(p11->C_FindObjectsInit(people, &t, 1), templates[i].rv);
        if (templates[i].rv == CKR_OK) {
            assert_int_equal(p11->C_FindObjects(people, found, FOUND_MAX, &n), CKR_OK);
            assert_int_equal(n, templates[i].found);
            assert_int_equal(p11->C_FindObjectsFinal(people), CKR_OK);
        }
        assert_int_equal(p11->C_FindObjectsInit(dead, &t, 1), templates[i].dead);
        assert_int_equal(p11->C_FindObjectsFinal(dead),
                         templates[i].dead == CKR_OK ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED);
    }
    assert_int_equal(p11->C_FindObjectsInit(people, NULL, 1), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_FindObjectsInit(12345, NULL, 1), CKR_SESSION_HANDLE_INVALID);
}

static void keeps_to_the_order_of_calls(void **state)
{
    CK_OBJECT_HANDLE o;
    CK_ULONG n = 7;
    CK_SESSION_HANDLE s = open_session(PEOPLE);
    (void)state;
    assert_int_equal(p11->C_FindObjects(s, &o, 1, &n), CKR_OPERATION_NOT_INITIALIZED);
    assert_int_equal(p11->C_FindObjectsFinal(s), CKR_OPERATION_NOT_INITIALIZED);
    assert_int_equal(p11->C_FindObjectsInit(s, NULL, 0), CKR_OK);
    assert_int_equal(p11->C_FindObjectsInit(s, NULL, 0), CKR_OPERATION_ACTIVE);
    assert_int_equal(p11->C_FindObjects(s, NULL, 1, &n), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_FindObjects(s, &o, 1, NULL), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_FindObjects(s, NULL, 0, &n), CKR_OK);
    assert_int_equal(n, 0);
    assert_int_equal(p11->C_FindObjects(s, &o, 1, &n), CKR_OK);
    assert_int_equal(n, 1);
    assert_int_equal(p11->C_FindObjectsFinal(s), CKR_OK);
    assert_int_equal(p11->C_FindObjectsFinal(s), CKR_OPERATION_NOT_INITIALIZED);
}

static void answers_every_attribute_of_a_template(void **state)
{
    char label[8], small[2] = "zz";
    CK_ULONG class;
    CK_SESSION_HANDLE s = open_session(PEOPLE);
    CK_OBJECT_HANDLE o = by_path(s, "u1/c1");
    CK_ATTRIBUTE t[] = {{CKA_KEY_TYPE, &class, sizeof class},
                        {CKA_LABEL, label, sizeof label},
                        {CKA_SUBJECT, small, sizeof small},
                        {CKA_MODULUS, NULL, 0},
                        {CKA_SUBJECT, NULL, 0},
                        {CKA_CLASS, &class, sizeof class}};
    (void)state;
    assert_int_equal(p11->C_GetAttributeValue(s, o, t, 6), CKR_ATTRIBUTE_TYPE_INVALID);
    assert_true(t[0].ulValueLen == CK_UNAVAILABLE_INFORMATION);
    assert_int_equal(t[1].ulValueLen, 3);
    assert_memory_equal(label, "Ada", 3);
    assert_true(t[2].ulValueLen == CK_UNAVAILABLE_INFORMATION);
    assert_memory_equal(small, "zz", 2);
    assert_true(t[3].ulValueLen == CK_UNAVAILABLE_INFORMATION);
    assert_in_range(t[4].ulValueLen, 10, 100);
    assert_int_equal(class, CKO_CERTIFICATE);
    t[2].ulValueLen = sizeof small;
    assert_int_equal(p11->C_GetAttributeValue(s, o, t + 1, 2), CKR_BUFFER_TOO_SMALL);
    t[2].ulValueLen = sizeof small;
    assert_int_equal(p11->C_GetAttributeValue(s, o, t, 3), CKR_ATTRIBUTE_TYPE_INVALID);
    assert_int_equal(p11->C_GetAttributeValue(s, o, t + 4, 1), CKR_OK);
    assert_int_equal(p11->C_GetAttributeValue(s, o, NULL, 1), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_GetAttributeValue(s, 0, t, 1), CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(p11->C_GetAttributeValue(s, o + 1, t, 1), CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(p11->C_GetAttributeValue(0, o, t, 1), CKR_SESSION_HANDLE_INVALID);
    assert_int_equal(p11->C_GetAttributeValue(open_session(ROOTS), o, t, 1),
                     CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(p11->C_GetObjectSize(s, o, NULL), CKR_ARGUMENTS_BAD);
    assert_int_equal(p11->C_GetObjectSize(s, 0, &class), CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(p11->C_GetObjectSize(s, o, &class), CKR_OK);
    assert_in_range(class, 300, 3000);
}

/* Waits until a search sees that the object is there, or gone: within a second, or never. */
static void await(CK_SESSION_HANDLE s, const char *path, bool there)
{
    CK_ATTRIBUTE t = {CKA_UNIQUE_ID, (void *)(uintptr_t)path, strlen(path)};
    CK_OBJECT_HANDLE found[FOUND_MAX];
    for (int i = 0; i < 2000; i++) {
        if ((find(s, &t, 1, 1, found) == 1) == there)
            return;
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    fail_msg("%s does not change", path);
}

static void handles_outlive_a_refresh(void **state)
{
    CK_OBJECT_HANDLE found[FOUND_MAX];
    CK_ULONG n;
    CK_SESSION_HANDLE s = open_session(PEOPLE), other = open_session(PEOPLE);
    CK_OBJECT_HANDLE stays = by_path(s, "u1/c1"), goes = by_path(s, "u2/c1");
    CK_ATTRIBUTE t = {CKA_LABEL, NULL, 0};
    (void)state;
    assert_int_equal(p11->C_FindObjectsInit(other, NULL, 0), CKR_OK);
    assert_int_equal(p11->C_FindObjects(other, found, 1, &n), CKR_OK);
    world_write_source(world_dir, PEOPLE, "u2/c1", NULL);
    await(s, "u2/c1", false);
    assert_int_equal(p11->C_GetAttributeValue(s, goes, &t, 1), CKR_OBJECT_HANDLE_INVALID);
    assert_int_equal(p11->C_GetAttributeValue(s, stays, &t, 1), CKR_OK);
    assert_int_equal(p11->C_GetAttributeValue(other, stays, &t, 1), CKR_OK);
    assert_true(by_path(s, "u1/c1") == stays);
    /* A search that began before goes on with what it began with. */
    assert_int_equal(p11->C_FindObjects(other, found, FOUND_MAX, &n), CKR_OK);
    assert_int_equal(n, count(PEOPLE, true) + 2 - 1);
    assert_int_equal(p11->C_FindObjectsFinal(other), CKR_OK);
    world_write_source(world_dir, PEOPLE, NULL, NULL);
    await(s, "u2/c1", true);
    assert_true(by_path(other, "u2/c1") == goes);
    assert_int_equal(p11->C_GetAttributeValue(s, goes, &t, 1), CKR_OK);
}

static void handles_end_with_the_state(void **state)
{
    CK_SESSION_HANDLE s = open_session(PEOPLE);
    CK_OBJECT_HANDLE o = by_path(s, "u2/c1");
    CK_ATTRIBUTE t = {CKA_LABEL, NULL, 0};
    (void)state;
    world_write_source(world_dir, PEOPLE, "u2/c1", "disabled");
    await(s, "u2/c1", false);
    assert_int_equal(p11->C_GetAttributeValue(s, o, &t, 1), CKR_OBJECT_HANDLE_INVALID);
    world_write_source(world_dir, PEOPLE, NULL, NULL);
    await(s, "u2/c1", true);
    assert_int_equal(p11->C_GetAttributeValue(s, o, &t, 1), CKR_OK);
}

#define WITH_MODULE(test) cmocka_unit_test_setup_teardown(test, module_start, module_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_MODULE(lists_what_is_shown),
        WITH_MODULE(answers_for_credentials),
        WITH_MODULE(answers_for_chains),
        WITH_MODULE(trusts_anchors_only),
        WITH_MODULE(searches_as_an_oracle_does),
        WITH_MODULE(compares_in_full),
        WITH_MODULE(judges_templates),
        WITH_MODULE(keeps_to_the_order_of_calls),
        WITH_MODULE(answers_every_attribute_of_a_template),
        WITH_MODULE(handles_outlive_a_refresh),
        WITH_MODULE(handles_end_with_the_state),
    };
    return cmocka_run_group_tests_name("pkcs11 objects", tests, world_setup, world_teardown);
}
