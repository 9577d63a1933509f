/* The snapshot's checksum: fixed by the file's format, and nothing that was changed goes unseen. */
#include "common/checksum.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define MOST 200

static void fill(uint8_t data[MOST])
{
    for (size_t i = 0; i < MOST; i++)
        data[i] = (uint8_t)(i * 37 + 1);
}

/* A file written by one machine is read by another. */
static void test_stays(void **state)
{
    static const struct {
        size_t n;
        uint64_t sum;
    } cases[] = {
        {0, 0x032FC6FF6C340D92},  {1, 0x49C993E246D2588F},    {8, 0xE2ACD0651A2D288B},
        {33, 0x958B53188F3ECA8C}, {MOST, 0xB904CF817D413645},
    };
    uint8_t data[MOST];
    (void)state;
    fill(data);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(cb_checksum(cb_span(data, cases[i].n)), cases[i].sum);
}

/* Every bit of every length, and every length of zeros. */
static void test_every_bit_counts(void **state)
{
    uint8_t data[MOST];
    (void)state;
    fill(data);
    for (size_t n = 1; n <= MOST; n++) {
        uint64_t sum = cb_checksum(cb_span(data, n));
        for (size_t bit = 0; bit < 8 * n; bit++) {
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_not_equal(cb_checksum(cb_span(data, n)), sum);
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

/* What simple sums miss: two words changed alike, words in another order, zeros of another
 * number. */
static void test_damage_of_words(void **state)
{
    static const uint8_t zeros[MOST];
    uint8_t data[MOST], word[8];
    (void)state;
    fill(data);
    uint64_t sum = cb_checksum(cb_span(data, MOST));
    for (size_t a = 0; a + 8 <= MOST; a += 8)
        for (size_t b = a + 8; b + 8 <= MOST; b += 8) {
            memcpy(word, data + a, 8);
            memcpy(data + a, data + b, 8);
            memcpy(data + b, word, 8);
            assert_int_not_equal(cb_checksum(cb_span(data, MOST)), sum);
            fill(data);
            data[a + 7] ^= 0x80;
            data[b + 7] ^= 0x80;
            assert_int_not_equal(cb_checksum(cb_span(data, MOST)), sum);
            fill(data);
        }
    for (size_t n = 0; n < MOST; n++) {
        assert_int_not_equal(cb_checksum(cb_span(zeros, n)), 0);
        assert_int_not_equal(cb_checksum(cb_span(zeros, n)), cb_checksum(cb_span(zeros, n + 1)));
    }
}

/* Where the data lies does not matter. */
static void test_alignment(void **state)
{
    uint8_t data[MOST], copy[MOST];
    (void)state;
    fill(data);
    for (size_t from = 0; from < 8; from++)
        for (size_t n = 0; from + n <= MOST; n++) {
            memcpy(copy, data + from, n);
            assert_int_equal(cb_checksum(cb_span(data + from, n)), cb_checksum(cb_span(copy, n)));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stays),
        cmocka_unit_test(test_every_bit_counts),
        cmocka_unit_test(test_damage_of_words),
        cmocka_unit_test(test_alignment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
