/* The plan: order and bounds of requests, and what becomes of items. The writer is a stand-in. */
#include "common/fetch/http.h"
#include "common/fetch/plan.h"
#include "common/fetch/snapshot-write.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* EC P-256, subject and issuer "CN=Leaf One, O=Test", serial number 0123456789abcdef. */
static const char leaf_pem[] = "-----BEGIN CERTIFICATE-----\n"
                               "MIIBkDCCATWgAwIBAgIIASNFZ4mrze8wCgYIKoZIzj0EAwIwIjENMAsGA1UECgwE\n"
                               "VGVzdDERMA8GA1UEAwwITGVhZiBPbmUwIBcNMjYxMTIyMTI1NDM1WhgPMjEyNjEw\n"
                               "MjkxMjU0MzVaMCIxDTALBgNVBAoMBFRlc3QxETAPBgNVBAMMCExlYWYgT25lMFkw\n"
                               "EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEBg8jX3vEbl2Jsbvoj3UT02Hi5EPvcLUU\n"
                               "AYCYQL7AJ8oARG1zUTWZTZWJ6Lr0PQT0xTVndaQNN5acpDe7NZH2JaNTMFEwHQYD\n"
                               "VR0OBBYEFGQ3kpHODIv0HPRGvhy3evrcpDwtMB8GA1UdIwQYMBaAFGQ3kpHODIv0\n"
                               "HPRGvhy3evrcpDwtMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIh\n"
                               "AIixPJzqgepSwIKoJ3ol5dsuh1xoYDW1YcAyw5CxUFSHAiEAu/Xn+1tP2vYYVuPI\n"
                               "aLtH1unjgRn3QTihgx0JhTHInsc=\n"
                               "-----END CERTIFICATE-----\n";
#define LEAF_SHA256 "6AB522E20D353911325AFF5DE0BE728589DB861429CDE7ACC2FDAF46DCA4A3EA"
#define BROKEN "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

static struct {
    char last[512]; /* of the last object: "PATH LABEL STATE CERTIFICATES" */
    char forgotten[64];
    size_t n;
} written;

int cb_snapshot_writer_add(struct cb_snapshot_writer *w, const struct cb_new_object *o,
                           struct cb_error *err)
{
    (void)w, (void)err;
    snprintf(written.last, sizeof written.last, "%.*s|%.*s|%.*s|%zu", CB_SPAN_ARGS(o->path),
             CB_SPAN_ARGS(o->label), CB_SPAN_ARGS(o->state), o->n_certificates);
    written.n++;
    return 0;
}

bool cb_snapshot_writer_has(const struct cb_snapshot_writer *w, struct cb_span path)
{
    (void)w;
    return written.n > 0 && strncmp(written.last, (const char *)path.p, path.n) == 0 &&
           written.last[path.n] == '|';
}

int cb_snapshot_writer_forget(struct cb_snapshot_writer *w, enum cb_kind kind,
                              struct cb_span prefix, struct cb_error *err)
{
    (void)w, (void)err;
    snprintf(written.forgotten, sizeof written.forgotten, "%d %.*s", kind, CB_SPAN_ARGS(prefix));
    return 0;
}

/* A source with three first requests, the second of which asks for nothing. */
static size_t three(const struct cb_source *source)
{
    (void)source;
    return 3;
}

static int first(const struct cb_source *source, size_t i, struct cb_plan *plan,
                 struct cb_error *err)
{
    static char *const targets[] = {"/0", NULL, "/2"};
    struct cb_request r = {.target = targets[i], .step = (int)i, .context = {NULL, "note"}};

    (void)source;
    return r.target ? cb_plan_request(plan, &r, err) : 0;
}

static const struct cb_fetch_api api = {.firsts = three, .marks = three, .first = first};
static const struct cb_source_type type = {.name = "test", .fetch = &api};
static const struct cb_source source = {.name = "test", .type = &type};

static struct cb_plan plan;
static struct cb_error err;

static int set_up(void **state)
{
    (void)state;
    memset(&written, 0, sizeof written);
    cb_error_clear(&err);
    return cb_plan_init(&plan, &source, NULL, &err);
}

static int tear_down(void **state)
{
    (void)state;
    cb_plan_clear(&plan);
    return 0;
}

static void expect_next(const char *target)
{
    struct cb_request *r;

    assert_int_equal(cb_plan_next(&plan, &r, &err), 0);
    assert_string_equal(r ? r->target : "", target);
    if (r && r->context[1])
        assert_string_equal(r->context[1], "note");
    cb_request_free(r);
}

static void makes_first_requests_when_there_is_room(void **state)
{
    struct cb_request more = {.target = "/more"};

    (void)state;
    assert_int_equal(plan.known, 3);
    expect_next("/0");
    assert_int_equal(cb_plan_request(&plan, &more, &err), 0);
    assert_int_equal(plan.known, 4);
    expect_next("/more");
    expect_next("/2");
    expect_next("");
    assert_int_equal(plan.known, 3);
    assert_int_equal(cb_plan_request(&plan, &more, &err), 0);
    expect_next("/more");
    assert_int_equal(plan.waiting_bytes, 0);
}

static void bounds_what_waits(void **state)
{
    char *target = malloc(1 << 20);
    struct cb_request big = {.target = target};
    int n = 0;

    (void)state;
    memset(target, '/', (1 << 20) - 1);
    target[(1 << 20) - 1] = '\0';
    while (cb_plan_request(&plan, &big, &err) == 0 && n < 100)
        n++;
    assert_int_equal(n, 63);
    assert_int_equal(err.code, CB_ERR_LIMIT);
    free(target);
}

static void marks_are_independent(void **state)
{
    (void)state;
    assert_false(cb_plan_mark(&plan, 1));
    assert_true(cb_plan_mark(&plan, 1));
    assert_true(cb_plan_marked(&plan, 1));
    assert_false(cb_plan_marked(&plan, 0));
    assert_false(cb_plan_marked(&plan, 2));
}

#define LONG_STATE 1
#define LONG_LABEL 2
#define COMMON_NAME 4

/* What one item becomes. */
static const struct {
    const char *path, *label, *certificate, *digest, *serial;
    int flags;
    const char *object;   /* NULL: not written */
    const char *left_out; /* a part of the reason */
    const char *reported;
} items[] = {
    {"u/a", "Label", leaf_pem, NULL, NULL, 0, "u/a|Label|S|1", NULL, NULL},
    {"u/a%20b", "", leaf_pem, NULL, NULL, 0, "u/a%20b|a b|S|1", NULL, NULL},
    {"a", "", leaf_pem, NULL, NULL, 0, "a|a|S|1", NULL, NULL},
    {"u/a", "", leaf_pem, NULL, NULL, COMMON_NAME, "u/a|Leaf One|S|1", NULL, NULL},
    {"u/a", "L", leaf_pem, LEAF_SHA256, "0123456789abcdef", 0, "u/a|L|S|1", NULL, NULL},
    {"u/a", "L", leaf_pem, LEAF_SHA256, "42", 0, "u/a|L|S|1", NULL, "serial number"},
    {"u/a", "L", leaf_pem, "aa", NULL, 0, "u/a|L|S|1", NULL, "neither SHA-1 nor"},
    {"u/a", "L", leaf_pem, "5AB522E20D353911325AFF5DE0BE728589DB861429CDE7ACC2FDAF46DCA4A3EA", NULL,
     0, NULL, "digest", NULL},
    {"u/a", "L", BROKEN, NULL, NULL, 0, NULL, "", NULL},
    {"u/a", "L", "", NULL, NULL, 0, NULL, "", NULL},
    {"u/a", "L", leaf_pem, NULL, NULL, LONG_STATE, NULL, "state longer than 256", NULL},
    {"u/a", "", leaf_pem, NULL, NULL, LONG_LABEL, NULL, "label longer than 4096", NULL},
};

static char long_text[5000];

static int put(size_t i)
{
    struct cb_item item = {
        .kind = CB_CERTIFICATE,
        .path = cb_span_of(items[i].path),
        .label = cb_span_of(items[i].flags & LONG_LABEL ? long_text : items[i].label),
        .label_is_common_name = items[i].flags & COMMON_NAME,
        .state = cb_span_of(items[i].flags & LONG_STATE ? long_text : "S"),
        .certificate = cb_span_of(items[i].certificate),
        .claims = {.digest = cb_span_of(items[i].digest), .serial = cb_span_of(items[i].serial)},
    };

    return cb_plan_item(&plan, &item, &err);
}

static void expect_note(const struct cb_notes *notes, const char *path, const char *part, size_t i)
{
    if (notes->n != (part ? 1 : 0))
        fail_msg("item %zu: %zu notes", i, notes->n);
    if (!part)
        return;
    assert_string_equal(notes->items[0].path, path);
    if (!strstr(notes->items[0].reason, part))
        fail_msg("item %zu: %s", i, notes->items[0].reason);
}

static void items_are_checked_and_written(void **state)
{
    memset(long_text, 'a', sizeof long_text - 1);
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        assert_int_equal(put(i), 0);
        assert_string_equal(written.last, items[i].object ? items[i].object : "");
        expect_note(&plan.left_out, items[i].path, items[i].left_out, i);
        expect_note(&plan.reported, items[i].path, items[i].reported, i);
        tear_down(state);
        set_up(state);
    }
}

static void a_passcode_needs_no_certificate(void **state)
{
    struct cb_item item = {
        .kind = CB_PASSCODE, .path = cb_span_of("p/passcode/x"), .state = cb_span_of("ACTIVE")};

    (void)state;
    assert_int_equal(cb_plan_item(&plan, &item, &err), 0);
    assert_string_equal(written.last, "p/passcode/x|x|ACTIVE|0");
}

static void the_same_path_counts_once(void **state)
{
    (void)state;
    assert_int_equal(put(0), 0);
    assert_int_equal(put(0), 0);
    assert_int_equal(written.n, 1);
    assert_int_equal(plan.objects, 1);
    assert_int_equal(plan.left_out.total, 0);
}

static void leave_out(const char *path)
{
    struct cb_error why = {CB_ERR_ANSWER, "why"};

    assert_int_equal(cb_plan_left_out(&plan, path, &why, &err), 0);
}

static void forgetting_goes_by_whole_segments(void **state)
{
    (void)state;
    leave_out("P/a");
    leave_out("P");
    leave_out("P2/a");
    leave_out("P/passcode/a");
    assert_int_equal(cb_plan_forget(&plan, CB_CERTIFICATE, "P", &err), 0);
    assert_string_equal(written.forgotten, "1 P");
    assert_int_equal(plan.left_out.n, 2);
    assert_int_equal(plan.left_out.total, 2);
    assert_string_equal(plan.left_out.items[0].path, "P2/a");
    assert_string_equal(plan.left_out.items[1].path, "P/passcode/a");
}

static void what_is_not_about_the_item_fails(void **state)
{
    struct cb_error why = {CB_ERR_MEMORY, "no memory"};

    (void)state;
    assert_int_equal(cb_plan_left_out(&plan, "p", &why, &err), -1);
    assert_int_equal(err.code, CB_ERR_MEMORY);
    assert_int_equal(plan.left_out.total, 0);
}

static void what_is_gone_is_counted(void **state)
{
    (void)state;
    assert_int_equal(cb_plan_gone(&plan, "u/a", "not there", &err), 0);
    assert_int_equal(plan.gone, 1);
    assert_string_equal(plan.left_out.items[0].reason, "not there");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(makes_first_requests_when_there_is_room),
        CASE(bounds_what_waits),
        CASE(marks_are_independent),
        CASE(items_are_checked_and_written),
        CASE(a_passcode_needs_no_certificate),
        CASE(the_same_path_counts_once),
        CASE(forgetting_goes_by_whole_segments),
        CASE(what_is_not_about_the_item_fails),
        CASE(what_is_gone_is_counted),
    };

    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
