/* SipHash-1-3 against reference vectors (key 00..0f, data 00, 01, 02 ...). */
#include "common/siphash.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const uint64_t vectors[] = {
    0xABAC0158050FC4DC, 0xC9F49BF37D57CA93, 0x82CB9B024DC7D44D, 0x8BF80AB8E7DDF7FB,
    0xCF75576088D38328, 0xDEF9D52F49533B67, 0xC50D2B50C59F22A7, 0xD3927D989BB11140,
};

static void test_reference_vectors(void **state)
{
    (void)state;
    static const struct cb_sip_key key = {0x0706050403020100, 0x0F0E0D0C0B0A0908};
    uint8_t data[8];
    for (uint8_t i = 0; i < sizeof data; i++)
        data[i] = i;
    for (size_t n = 0; n < sizeof vectors / sizeof *vectors; n++)
        assert_int_equal(cb_siphash(&key, cb_span(data, n)), vectors[n]);
}

/* Unaligned data and every length of the last word give what a copy gives. */
static void test_alignment(void **state)
{
    (void)state;
    uint8_t data[64], copy[64];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 37);
    for (size_t from = 0; from < 8; from++)
        for (size_t n = 0; n < 40; n++) {
            memcpy(copy, data + from, n);
            assert_int_equal(cb_siphash(&CB_SIP_STABLE, cb_span(data + from, n)),
                             cb_siphash(&CB_SIP_STABLE, cb_span(copy, n)));
        }
}

/* Serial numbers and digests of configurations outlive a version of the program. */
static void test_stable_key_stays(void **state)
{
    (void)state;
    assert_int_equal(cb_siphash(&CB_SIP_STABLE, cb_span_of("certbridge")), 0x951E548B601B06CC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_vectors),
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_stable_key_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
