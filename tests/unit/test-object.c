/* What is shown, usable and an anchor, at which time. */
#include "common/object.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const char *const all[] = {"verified", "unverified", "gone", NULL};
static const char *const shown_by_default[] = {"verified", "unverified", NULL};
static const char *const anchors[] = {"verified", NULL};
static const struct cb_source_type type = {
    .name = "test", .states = all, .default_states = shown_by_default, .anchor_states = anchors};
static char *gone_only[] = {"gone"};
static char *two[] = {"gone", "verified"};
static char *any[] = {"any"};

static const struct cb_source plain = {.name = "s", .type = &type};
static const struct cb_source with_gone = {.name = "s", .type = &type, .states = {gone_only, 1}};
static const struct cb_source with_two = {.name = "s", .type = &type, .states = {two, 2}};
static const struct cb_source with_any = {.name = "s", .type = &type, .states = {any, 1}};

/* Window 10 to 20 (excluded), certificate valid 5 to 15 (included). */
static struct cb_object certificate(const char *state)
{
    return (struct cb_object){.kind = CB_CERTIFICATE,
                              .state = cb_span_of(state),
                              .from = 10,
                              .to = 20,
                              .not_before = 5,
                              .not_after = 15};
}

static void test_shown(void **state)
{
    static const struct {
        const struct cb_source *source;
        const char *asked, *state;
        int64_t now;
        bool shown;
    } rows[] = {
        {&plain, NULL, "verified", 10, true},
        {&plain, NULL, "verified", 19, true},
        {&plain, NULL, "verified", 9, false},
        {&plain, NULL, "verified", 20, false},
        {&plain, NULL, "unverified", 10, true},
        {&plain, NULL, "gone", 10, false},
        {&plain, NULL, "Verified", 10, false},
        {&plain, NULL, "", 10, false},
        {&with_gone, NULL, "gone", 10, true},
        {&with_gone, NULL, "gone", 20, false},
        {&with_gone, NULL, "verified", 10, false},
        {&with_two, NULL, "gone", 10, true},
        {&with_two, NULL, "verified", 10, true},
        {&with_two, NULL, "unverified", 10, false},
        {&with_any, NULL, "gone", 99, true},
        {&with_any, "verified", "verified", 10, true},
        {&with_any, "verified", "verified", 20, false},
        {&with_any, "verified", "gone", 10, false},
        {&plain, "gone", "gone", 10, true},
        {&plain, "gone", "gone", 20, false},
        {&plain, "gone", "verified", 10, false},
        {&plain, "any", "gone", 99, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cb_object o = certificate(rows[i].state);
        if (cb_object_shown(&o, rows[i].source, rows[i].asked, rows[i].now) != rows[i].shown)
            fail_msg("row %zu", i);
    }
}

static void test_window(void **state)
{
    static const struct {
        int64_t from, to, now;
        bool inside;
    } rows[] = {
        {CB_TIME_MIN, CB_TIME_MAX, 0, true},
        {CB_TIME_MIN, CB_TIME_MAX, CB_TIME_MAX, true},
        {CB_TIME_MIN, CB_TIME_MAX, CB_TIME_MIN, true},
        {CB_TIME_MIN, 5, 4, true},
        {CB_TIME_MIN, 5, 5, false},
        {5, CB_TIME_MAX, 5, true},
        {5, CB_TIME_MAX, 4, false},
        {5, 5, 5, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cb_object o = {.from = rows[i].from, .to = rows[i].to};
        assert_int_equal(cb_object_in_window(&o, rows[i].now), rows[i].inside);
    }
}

static void test_usable_and_anchor(void **state)
{
    static const struct {
        const struct cb_source *source;
        const char *state;
        int64_t now;
        bool usable, anchor;
    } rows[] = {
        {&plain, "verified", 10, true, true},     {&plain, "verified", 15, true, true},
        {&plain, "verified", 16, false, true},    {&plain, "verified", 9, false, false},
        {&plain, "verified", 20, false, false},   {&plain, "unverified", 10, true, false},
        {&plain, "gone", 10, false, false},       {&with_gone, "gone", 10, false, false},
        {&with_gone, "verified", 10, true, true}, {&with_any, "gone", 10, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cb_object o = certificate(rows[i].state);
        if (cb_object_usable(&o, rows[i].source, rows[i].now) != rows[i].usable ||
            cb_object_anchor(&o, rows[i].source, rows[i].now) != rows[i].anchor)
            fail_msg("row %zu", i);
    }
}

/* A passcode has no validity of its own and is no anchor; nor is a certificate of a chain. */
static void test_other_kinds(void **state)
{
    struct cb_object o = certificate("verified");
    (void)state;
    o.kind = CB_PASSCODE;
    assert_true(cb_object_usable(&o, &plain, 16));
    assert_false(cb_object_anchor(&o, &plain, 12));
    o.kind = CB_CHAIN;
    assert_false(cb_object_anchor(&o, &plain, 12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shown),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_usable_and_anchor),
        cmocka_unit_test(test_other_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
