/* Names held against libcrypto: X509_NAME_cmp, X509_NAME_hash (a digest of its canonical form) and
 * X509_NAME_print_ex are the judges. */
#include "common/name.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define CA_BUNDLE "/etc/ssl/certs/ca-certificates.crt" /* Debian: ca-certificates */
#define DER_MAX 4096

/* Attribute types as content of an OID, tags as DER has them. */
#define CN "\x55\x04\x03"
#define O "\x55\x04\x0a"
#define C "\x55\x04\x06"
enum {
    UTF8 = 12,
    NUMERIC = 18,
    PRINTABLE = 19,
    T61 = 20,
    IA5 = 22,
    VISIBLE = 26,
    UNIVERSAL = 28,
    BMP = 30,
    BITS = 3
};

struct attribute {
    const char *oid; /* NULL ends an RDN, and a second one the name */
    uint8_t tag;
    const char *value;
    size_t n; /* 0: strlen */
};

static size_t put_header(uint8_t *out, uint8_t tag, size_t n)
{
    out[0] = tag;
    if (n < 128) {
        out[1] = (uint8_t)n;
        return 2;
    }
    out[1] = 0x82;
    out[2] = (uint8_t)(n >> 8);
    out[3] = (uint8_t)n;
    return 4;
}

/* Puts a header before the `n` bytes at `out`; the length of both. */
static size_t wrap(uint8_t *out, uint8_t tag, size_t n)
{
    uint8_t header[4];
    size_t head = put_header(header, tag, n);
    memmove(out + head, out, n);
    memcpy(out, header, head);
    return head + n;
}

static size_t put_attribute(uint8_t *out, const struct attribute *a)
{
    size_t oid = put_header(out, 6, strlen(a->oid)) + strlen(a->oid);
    size_t n = a->n ? a->n : strlen(a->value);
    memcpy(out + 2, a->oid, strlen(a->oid));
    memcpy(out + oid, a->value, n);
    return wrap(out, 0x30, oid + wrap(out + oid, a->tag, n));
}

static struct cb_span put_name(uint8_t *out, const struct attribute *a)
{
    size_t n = 0;
    while (a->oid) {
        size_t start = n;
        for (; a->oid; a++)
            n += put_attribute(out + n, a);
        n = start + wrap(out + start, 0x31, n - start);
        a++;
    }
    return cb_span(out, wrap(out, 0x30, n));
}

static X509_NAME *libcrypto_name(struct cb_span der)
{
    const uint8_t *p = der.p;
    X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)der.n);
    ERR_clear_error();
    if (name && p == der.p + der.n)
        return name;
    X509_NAME_free(name);
    return NULL;
}

static bool libcrypto_equal(struct cb_span a, struct cb_span b)
{
    X509_NAME *x = libcrypto_name(a), *y = libcrypto_name(b);
    bool equal = x && y && X509_NAME_cmp(x, y) == 0;
    X509_NAME_free(x);
    X509_NAME_free(y);
    return equal;
}

/* Does libcrypto's own encoding of what it read give the same bytes? */
static bool is_der(struct cb_span der)
{
    X509_NAME *name = libcrypto_name(der), *again = X509_NAME_new();
    uint8_t *bytes = NULL;
    for (int i = 0; i < X509_NAME_entry_count(name); i++) {
        X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        bool joined = i > 0 && X509_NAME_ENTRY_set(entry) ==
                                   X509_NAME_ENTRY_set(X509_NAME_get_entry(name, i - 1));
        assert_int_equal(X509_NAME_add_entry(again, entry, -1, joined ? -1 : 0), 1);
    }
    int n = i2d_X509_NAME(again, &bytes);
    bool same = n > 0 && cb_span_equal(der, cb_span(bytes, (size_t)n));
    OPENSSL_free(bytes);
    X509_NAME_free(again);
    X509_NAME_free(name);
    return same;
}

/* Our verdict and our canonical form are libcrypto's. What libcrypto takes and we do not is BER. */
static void check_name(struct cb_span der)
{
    X509_NAME *name = libcrypto_name(der);
    struct cb_buf canonical;
    uint8_t digest[32];
    cb_buf_init(&canonical, CB_NAME_CANONICAL_MAX);
    bool ours = cb_name_canonical(&canonical, der) == 0;
    if (ours) {
        int ok = 0;
        assert_non_null(name);
        unsigned long hash = X509_NAME_hash_ex(name, NULL, NULL, &ok);
        assert_true(ok);
        assert_int_equal(
            EVP_Digest(cb_buf_text(&canonical), canonical.n, digest, NULL, EVP_sha1(), NULL), 1);
        assert_int_equal(hash, (unsigned long)digest[0] | (unsigned long)digest[1] << 8 |
                                   (unsigned long)digest[2] << 16 | (unsigned long)digest[3] << 24);
    } else if (name) {
        assert_false(is_der(der));
    }
    cb_buf_clear(&canonical);
    X509_NAME_free(name);
}

#define END                                                                                        \
    {                                                                                              \
        NULL, 0, NULL, 0                                                                           \
    }

static void test_pairs(void **state)
{
    static const struct {
        const char *what;
        struct attribute a[6], b[6];
        bool equal;
    } rows[] = {
        {"the same", {{CN, UTF8, "Anna", 0}, END, END}, {{CN, UTF8, "Anna", 0}, END, END}, true},
        {"another", {{CN, UTF8, "Anna", 0}, END, END}, {{CN, UTF8, "Anne", 0}, END, END}, false},
        {"another type of attribute",
         {{CN, UTF8, "Anna", 0}, END, END},
         {{O, UTF8, "Anna", 0}, END, END},
         false},
        {"another string type",
         {{CN, PRINTABLE, "Anna", 0}, END, END},
         {{CN, UTF8, "Anna", 0}, END, END},
         true},
        {"case", {{CN, UTF8, "ANNA", 0}, END, END}, {{CN, IA5, "anna", 0}, END, END}, true},
        {"blanks",
         {{CN, UTF8, "\t Anna \r\n  Muster  ", 0}, END, END},
         {{CN, PRINTABLE, "Anna Muster", 0}, END, END},
         true},
        {"a blank is not nothing",
         {{CN, UTF8, "Anna Muster", 0}, END, END},
         {{CN, UTF8, "AnnaMuster", 0}, END, END},
         false},
        {"only blanks", {{CN, UTF8, "   ", 0}, END, END}, {{CN, T61, " ", 0}, END, END}, true},
        {"no-break space is a character",
         {{CN, UTF8,
           "\xc2\xa0"
           "a",
           0},
          END,
          END},
         {{CN, UTF8, "a", 0}, END, END},
         false},
        {"case beyond ASCII",
         {{CN, UTF8, "\xc3\x84", 0}, END, END},
         {{CN, UTF8, "\xc3\xa4", 0}, END, END},
         false},
        {"T61 is Latin-1",
         {{CN, T61, "M\xfcller", 0}, END, END},
         {{CN, UTF8, "M\xc3\xbcller", 0}, END, END},
         true},
        {"BMP",
         {{CN, BMP, "\0A\0\xfc", 4}, END, END},
         {{CN, UTF8, "a\xc3\xbc", 0}, END, END},
         true},
        {"Universal",
         {{CN, UNIVERSAL, "\0\1\xf6\0\0\0\0b", 8}, END, END},
         {{CN, UTF8,
           "\xf0\x9f\x98\x80"
           "B",
           0},
          END,
          END},
         true},
        {"a zero byte",
         {{CN, UTF8, "a\0b", 3}, END, END},
         {{CN, UTF8, "a\0c", 3}, END, END},
         false},
        {"numeric strings are compared as they are",
         {{CN, NUMERIC, " 1", 0}, END, END},
         {{CN, NUMERIC, "1", 0}, END, END},
         false},
        {"and are no character strings",
         {{CN, NUMERIC, "1", 0}, END, END},
         {{CN, PRINTABLE, "1", 0}, END, END},
         false},
        {"bit strings without their unused bits",
         {{CN, BITS, "\4\xaf", 0}, END, END},
         {{CN, BITS, "\4\xa0", 0}, END, END},
         true},
        {"members of an RDN in any order",
         {{CN, UTF8, "a", 0}, {O, UTF8, "b", 0}, END, END},
         {{O, UTF8, "b", 0}, {CN, UTF8, "a", 0}, END, END},
         true},
        {"sorted by their canonical form",
         {{CN, PRINTABLE, "B", 0}, {CN, UTF8, "a", 0}, END, END},
         {{CN, UTF8, "b", 0}, {CN, PRINTABLE, "A", 0}, END, END},
         true},
        {"RDNs only in their order",
         {{CN, UTF8, "a", 0}, END, {O, UTF8, "b", 0}, END, END},
         {{O, UTF8, "b", 0}, END, {CN, UTF8, "a", 0}, END, END},
         false},
        {"one RDN is not two",
         {{CN, UTF8, "a", 0}, END, {O, UTF8, "b", 0}, END, END},
         {{CN, UTF8, "a", 0}, {O, UTF8, "b", 0}, END, END},
         false},
        {"empty", {END}, {END}, true},
        {"empty and not", {END}, {{CN, UTF8, "", 0}, END, END}, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t a[DER_MAX], b[DER_MAX];
        struct cb_span x = put_name(a, rows[i].a), y = put_name(b, rows[i].b);
        if (cb_name_equal(x, y) != rows[i].equal || libcrypto_equal(x, y) != rows[i].equal)
            fail_msg("%s: %d, libcrypto %d", rows[i].what, cb_name_equal(x, y),
                     libcrypto_equal(x, y));
        check_name(x);
        check_name(y);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *what;
        struct attribute name[3];
    } rows[] = {
        {"UTF-8 cut short", {{CN, UTF8, "a\xc3", 0}, END, END}},
        {"UTF-8 of a surrogate", {{CN, UTF8, "\xed\xa0\x80", 0}, END, END}},
        {"overlong UTF-8", {{CN, UTF8, "\xc0\x80", 0}, END, END}},
        {"BMP of an odd length", {{CN, BMP, "\0a\0", 3}, END, END}},
        {"BMP with a surrogate", {{CN, BMP, "\xd8\x3d\xde\x00", 4}, END, END}},
        {"Universal of a wrong length", {{CN, UNIVERSAL, "\0\0a", 3}, END, END}},
        {"Universal beyond Unicode", {{CN, UNIVERSAL, "\0\x11\0\0", 4}, END, END}},
        {"VisibleString, which libcrypto takes in no name", {{CN, VISIBLE, "a", 0}, END, END}},
        {"an integer", {{CN, 2, "\1", 0}, END, END}},
        {"eight unused bits", {{CN, BITS, "\x08\x01", 0}, END, END}},
        {"an OID cut short", {{"\x55\x84", UTF8, "a", 0}, END, END}},
        {"an OID with a zero group", {{"\x55\x80\x01", UTF8, "a", 0}, END, END}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t der[DER_MAX];
        struct cb_span name = put_name(der, rows[i].name);
        X509_NAME *theirs = libcrypto_name(name);
        if (cb_name_equal(name, name) || theirs)
            fail_msg("%s: taken by %s", rows[i].what, theirs ? "libcrypto" : "us");
        X509_NAME_free(theirs);
    }
}

/* A generator that gives the same names in every run. */
static uint32_t seed = 1;

static uint32_t below(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % n;
}

static size_t random_value(uint8_t tag, uint8_t *out)
{
    static const char letters[] = "aAbB  \t-";
    size_t n = below(6), width = tag == BMP ? 2 : tag == UNIVERSAL ? 4 : 1;
    if (tag == BITS)
        n = 1 + below(3);
    memset(out, 0, n * width);
    for (size_t i = 0; i < n; i++)
        out[i * width + width - 1] = (uint8_t)letters[below(sizeof letters - 1)];
    if (tag == BITS)
        out[0] = (uint8_t)(n == 1 ? 0 : below(8));
    if (n && width > 1 && below(4) == 0)
        out[0] = (uint8_t)below(256);
    if (n && width == 1 && tag != BITS && below(8) == 0)
        out[n - 1] = (uint8_t)(128 + below(128));
    return n * width;
}

static struct cb_span random_name(uint8_t *out)
{
    static const char *const oids[] = {CN, O};
    static const uint8_t tags[] = {UTF8, UTF8, PRINTABLE, PRINTABLE, IA5,
                                   T61,  BMP,  UNIVERSAL, NUMERIC,   BITS};
    size_t n = 0;
    for (uint32_t rdn = below(3); rdn > 0; rdn--) {
        size_t start = n;
        for (uint32_t member = below(4); member > 0; member--) {
            uint8_t value[64];
            uint8_t tag = tags[below(COUNT(tags))];
            size_t length = random_value(tag, value);
            struct attribute a = {oids[below(2)], tag, (const char *)value, length};
            n += put_attribute(out + n, length ? &a : &(struct attribute){a.oid, tag, "", 0});
        }
        n = start + wrap(out + start, 0x31, n - start);
    }
    return cb_span(out, wrap(out, 0x30, n));
}

static void test_random(void **state)
{
    size_t equal = 0, taken = 0;
    (void)state;
    for (int i = 0; i < 30000; i++) {
        uint8_t a[DER_MAX], b[DER_MAX];
        struct cb_span x = random_name(a), y = random_name(b);
        bool same = cb_name_equal(x, y);
        check_name(x);
        assert_int_equal(same, libcrypto_equal(x, y));
        equal += same;
        taken += cb_name_equal(x, x);
    }
    assert_in_range(equal, 500, 15000);
    assert_in_range(taken, 15000, 29000);
}

static void test_damaged(void **state)
{
    (void)state;
    for (int i = 0; i < 60000; i++) {
        uint8_t der[DER_MAX];
        struct cb_span name = random_name(der);
        for (uint32_t k = 1 + below(2); k > 0; k--)
            der[below((uint32_t)name.n)] = (uint8_t)(below(2) ? below(256) : below(0x34));
        check_name(name);
        check_name(cb_span(der, below((uint32_t)name.n)));
    }
}

/* What libcrypto prints with UTF-8 kept. */
static void check_text(struct cb_span der)
{
    X509_NAME *name = libcrypto_name(der);
    BIO *bio = BIO_new(BIO_s_mem());
    struct cb_buf text;
    char *theirs;
    cb_buf_init(&text, 65536);
    assert_int_equal(cb_name_text(&text, der), 0);
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    long n = BIO_get_mem_data(bio, &theirs);
    /* RFC 4514 leaves the case of hexadecimal digits open. */
    assert_int_equal(text.n, n);
    assert_true(n == 0 || strncasecmp(cb_buf_text(&text), theirs, (size_t)n) == 0);
    if (n > 0 && !memchr(theirs, '#', (size_t)n))
        assert_memory_equal(text.p, theirs, (size_t)n);
    cb_buf_clear(&text);
    BIO_free(bio);
    X509_NAME_free(name);
}

static void test_text(void **state)
{
    static const struct {
        const char *text;
        struct attribute name[5];
    } rows[] = {
        {"", {END}},
        {"CN=Anna", {{CN, UTF8, "Anna", 0}, END, END}},
        {"CN=b,C=CH", {{C, PRINTABLE, "CH", 0}, END, {CN, UTF8, "b", 0}, END, END}},
        {"O=b+CN=a", {{CN, UTF8, "a", 0}, {O, UTF8, "b", 0}, END, END}},
        {"CN=M\xc3\xbcller", {{CN, T61, "M\xfcller", 0}, END, END}},
        {"CN=\\#a\\,b\\+\\\"\\\\\\<\\>\\;#", {{CN, UTF8, "#a,b+\"\\<>;#", 0}, END, END}},
        {"CN=\\  a \\ ", {{CN, UTF8, "  a  ", 0}, END, END}},
        {"CN=\\ ", {{CN, UTF8, " ", 0}, END, END}},
        {"CN=a\\0A\\00\\7Fb", {{CN, UTF8, "a\n\0\177b", 5}, END, END}},
        {"1.2.3.4=#0c0161", {{"\x2a\x03\x04", UTF8, "a", 0}, END, END}},
        {"2.999.1=#0c0161", {{"\x88\x37\x01", UTF8, "a", 0}, END, END}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t der[DER_MAX];
        struct cb_span name = put_name(der, rows[i].name);
        struct cb_buf text;
        cb_buf_init(&text, 1024);
        assert_int_equal(cb_name_text(&text, name), 0);
        assert_string_equal(cb_buf_text(&text), rows[i].text);
        check_text(name);
        cb_buf_clear(&text);
    }
}

static void test_common_name(void **state)
{
    static const struct {
        const char *text; /* NULL: there is none */
        struct attribute name[6];
    } rows[] = {
        {NULL, {END}},
        {NULL, {{O, UTF8, "a", 0}, END, END}},
        {"a", {{CN, UTF8, "a", 0}, END, {O, UTF8, "b", 0}, END, END}},
        {"b", {{CN, UTF8, "a", 0}, END, {CN, PRINTABLE, "b", 0}, END, END}},
        {"b", {{O, UTF8, "a", 0}, {CN, PRINTABLE, "b", 0}, END, END}},
        {"\xc3\xbc", {{CN, BMP, "\0\xfc", 2}, END, END}},
        {NULL, {{CN, BITS, "\0\1", 2}, END, END}},
        {NULL, {{CN, UTF8, "\xff", 0}, END, END}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t der[DER_MAX];
        struct cb_buf text;
        cb_buf_init(&text, 1024);
        int result = cb_name_common_name(&text, put_name(der, rows[i].name));
        assert_int_equal(result, rows[i].text ? 0 : -1);
        if (rows[i].text)
            assert_string_equal(cb_buf_text(&text), rows[i].text);
        cb_buf_clear(&text);
    }
}

/* Every public authority's name, with all the others. */
static void test_real_names(void **state)
{
    BIO *bio = BIO_new_file(CA_BUNDLE, "r");
    uint8_t *der[512];
    struct cb_span names[512];
    size_t n = 0;
    (void)state;
    assert_non_null(bio);
    for (X509 *x; n < COUNT(names) && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)); n++) {
        der[n] = NULL;
        int length = i2d_X509_NAME(X509_get_subject_name(x), &der[n]);
        names[n] = cb_span(der[n], (size_t)length);
        check_name(names[n]);
        check_text(names[n]);
        X509_free(x);
    }
    ERR_clear_error();
    assert_in_range(n, 100, COUNT(names) - 1);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            assert_int_equal(cb_name_equal(names[i], names[k]),
                             libcrypto_equal(names[i], names[k]));
    for (size_t i = 0; i < n; i++)
        OPENSSL_free(der[i]);
    BIO_free(bio);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),      cmocka_unit_test(test_refused),
        cmocka_unit_test(test_random),     cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_text),       cmocka_unit_test(test_common_name),
        cmocka_unit_test(test_real_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
