#include "common/name-parts.h"
#include "common/text.h"

int cb_name_common_name(struct cb_buf *out, struct cb_span der)
{
    static const uint8_t common_name[] = {0x55, 0x04, 0x03};
    struct cb_span rdns, set;
    struct cb_name_attribute a, last = {.tag = 0};
    if (cb_name_rdns(der, &rdns) != 0)
        return -1;
    while (rdns.n > 0) {
        if (cb_der_take(&rdns, CB_DER_SET, &set, NULL) != 0)
            return -1;
        while (set.n > 0) {
            if (cb_name_attribute(&set, &a) != 0)
                return -1;
            if (cb_span_equal(a.oid, cb_span(common_name, sizeof common_name)))
                last = a;
        }
    }
    return last.tag != 0 ? cb_name_add_string(out, last.tag, last.value) : -1;
}

/* Attribute types as RFC 4514 and libcrypto write them. */
static const struct {
    const char *name;
    uint8_t n;
    uint8_t oid[11];
} short_names[] = {
    {"CN", 3, {0x55, 4, 3}},
    {"SN", 3, {0x55, 4, 4}},
    {"serialNumber", 3, {0x55, 4, 5}},
    {"C", 3, {0x55, 4, 6}},
    {"L", 3, {0x55, 4, 7}},
    {"ST", 3, {0x55, 4, 8}},
    {"street", 3, {0x55, 4, 9}},
    {"O", 3, {0x55, 4, 10}},
    {"OU", 3, {0x55, 4, 11}},
    {"title", 3, {0x55, 4, 12}},
    {"description", 3, {0x55, 4, 13}},
    {"businessCategory", 3, {0x55, 4, 15}},
    {"postalCode", 3, {0x55, 4, 17}},
    {"name", 3, {0x55, 4, 41}},
    {"GN", 3, {0x55, 4, 42}},
    {"initials", 3, {0x55, 4, 43}},
    {"dnQualifier", 3, {0x55, 4, 46}},
    {"pseudonym", 3, {0x55, 4, 65}},
    {"organizationIdentifier", 3, {0x55, 4, 97}},
    {"emailAddress", 9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1}},
    {"UID", 10, {0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1}},
    {"DC", 10, {0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25}},
    {"jurisdictionL", 11, {0x2b, 6, 1, 4, 1, 0x82, 0x37, 60, 2, 1, 1}},
    {"jurisdictionST", 11, {0x2b, 6, 1, 4, 1, 0x82, 0x37, 60, 2, 1, 2}},
    {"jurisdictionC", 11, {0x2b, 6, 1, 4, 1, 0x82, 0x37, 60, 2, 1, 3}},
};

static const char *short_name(struct cb_span oid)
{
    for (size_t i = 0; i < sizeof short_names / sizeof short_names[0]; i++)
        if (cb_span_equal(oid, cb_span(short_names[i].oid, short_names[i].n)))
            return short_names[i].name;
    return NULL;
}

/* Numbers of more than 64 bits do not occur outside attacks; they end the text. */
static int add_dotted(struct cb_buf *out, struct cb_span oid)
{
    uint64_t number = 0;
    bool first = true;
    for (size_t i = 0; i < oid.n; i++) {
        if (number >> 57)
            return -1;
        number = number << 7 | (oid.p[i] & 0x7fu);
        if (oid.p[i] & 0x80)
            continue;
        uint64_t root = number < 40 ? 0 : number < 80 ? 1 : 2;
        if (first ? cb_buf_printf(out, "%ju.%ju", (uintmax_t)root, (uintmax_t)(number - 40 * root))
                  : cb_buf_printf(out, ".%ju", (uintmax_t)number))
            return -1;
        first = false;
        number = 0;
    }
    return 0;
}

/* RFC 4514, 2.4; control characters as \XX, which RFC 2253 left to the writer. */
static int add_escaped(struct cb_buf *out, struct cb_span text)
{
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        bool end = i == 0 || i + 1 == text.n;
        bool special =
            (c != 0 && strchr(",+\"\\<>;", c)) || (c == ' ' && end) || (c == '#' && i == 0);
        int result = c < 0x20 || c == 0x7f ? cb_buf_printf(out, "\\%02X", c)
                     : special             ? cb_buf_printf(out, "\\%c", c)
                                           : cb_buf_add_byte(out, c);
        if (result != 0)
            return -1;
    }
    return 0;
}

static int add_attribute_text(struct cb_buf *out, const struct cb_name_attribute *a)
{
    const char *name = short_name(a->oid);
    struct cb_buf text;
    cb_buf_init(&text, 2 * CB_NAME_MAX);
    int result = name ? cb_buf_add_text(out, name) : add_dotted(out, a->oid);
    if (result == 0)
        result = cb_buf_add_byte(out, '=');
    if (result == 0 && name && cb_name_add_string(&text, a->tag, a->value) == 0)
        result = add_escaped(out, cb_buf_span(&text));
    else if (result == 0)
        result = cb_buf_add_byte(out, '#') != 0 ? -1 : cb_hex(out, a->whole);
    cb_buf_clear(&text);
    return result;
}

/* What stands first in the certificate is the least specific and comes last here. */
#define ATTRIBUTES_MAX 256 /* a longer name is none that a person could read */

int cb_name_text(struct cb_buf *out, struct cb_span der)
{
    struct cb_name_attribute attributes[ATTRIBUTES_MAX];
    bool joined[ATTRIBUTES_MAX]; /* to the one before, in one RDN */
    size_t n = 0;
    struct cb_span rdns, set;
    if (cb_name_rdns(der, &rdns) != 0)
        return -1;
    while (rdns.n > 0) {
        if (cb_der_take(&rdns, CB_DER_SET, &set, NULL) != 0)
            return -1;
        for (bool first = true; set.n > 0; first = false, n++) {
            if (n == ATTRIBUTES_MAX || cb_name_attribute(&set, &attributes[n]) != 0)
                return -1;
            joined[n] = !first;
        }
    }
    while (n-- > 0) {
        if (add_attribute_text(out, &attributes[n]) != 0 ||
            (n > 0 && cb_buf_add_byte(out, joined[n] ? '+' : ',') != 0))
            return -1;
    }
    return 0;
}
