/* What the writer writes, the reader reads: whole, in any order, again, and after damage. */
#include "common/fetch/snapshot-write.h"
#include "common/name.h"
#include "common/snapshot.h"
#include "common/text.h"
#include "tests/unit/certificate.h"
#include "tests/unit/scratch.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define IDENTITY 0x1122334455667788u
#define NO_GROUP ((gid_t)-1)

static const char *const states[] = {"active", "off", NULL};
static const char *const active[] = {"active", NULL};
static const struct cb_source_type type = {
    .name = "test", .states = states, .default_states = active, .anchor_states = active};
static const struct cb_source source = {.name = "people", .type = &type};

/* Certificates that all tests share. */
enum { ANNA, ANNA_AGAIN, BERT, CLAUS, INNER, ROOT, CERTIFICATES };

static const struct certificate made[CERTIFICATES] = {
    [ANNA] = {.subject = "Anna", .issuer = "Inner", .serial = 1},
    [ANNA_AGAIN] = {.subject = "ANNA", .issuer = "inner", .serial = 2, .no_key_id = true},
    [BERT] = {.subject = "Bert", .issuer = "Inner", .serial = -3},
    [CLAUS] = {.subject = "Claus", .issuer = "Root", .serial = 4},
    [INNER] = {.subject = "Inner", .issuer = "Root", .serial = 5, .ca = true},
    [ROOT] = {.subject = "Root", .serial = 6, .ca = true},
};

static struct cb_buf der[CERTIFICATES];
static struct cb_x509_facts facts[CERTIFICATES];

static int make_certificates(void **state)
{
    struct cb_error err;
    (void)state;
    for (size_t i = 0; i < CERTIFICATES; i++) {
        cb_buf_init(&der[i], CB_CERTIFICATE_MAX);
        certificate_make(&der[i], &made[i]);
        if (cb_x509_facts(cb_buf_span(&der[i]), &facts[i], &err) != 0)
            return -1;
    }
    return 0;
}

static int free_certificates(void **state)
{
    (void)state;
    for (size_t i = 0; i < CERTIFICATES; i++)
        cb_buf_clear(&der[i]);
    return 0;
}

struct row {
    const char *path, *label, *state;
    int64_t from, to;
    int certificates[4]; /* leaf first, each + 1; 0 ends */
};

/* In the order of the listing. */
static const struct row rows[] = {
    {"a", "first", "active", 10, 20, {0}},
    {"a/1", "Anna", "active", CB_TIME_MIN, CB_TIME_MAX, {ANNA + 1, INNER + 1, ROOT + 1}},
    {"a/1/x", "deep", "off", CB_TIME_MIN, CB_TIME_MAX, {CLAUS + 1, ROOT + 1, CLAUS + 1}},
    {"a/2", "Anna", "active", CB_TIME_MIN, CB_TIME_MAX, {ANNA_AGAIN + 1, INNER + 1, ROOT + 1}},
    {"a-b/1", "dash", "off", CB_TIME_MIN, CB_TIME_MAX, {BERT + 1}},
    {"a.b", "dot", "active", 100, CB_TIME_MAX, {0}},
    {"b/%2F", "Anna", "off", CB_TIME_MIN, 50, {ANNA + 1, INNER + 1}},
};

static int add(struct cb_snapshot_writer *w, const struct row *row, struct cb_error *err)
{
    struct cb_span certificates[4];
    struct cb_x509_facts their[4];
    struct cb_new_object o = {.kind = row->certificates[0] ? CB_CERTIFICATE : CB_PASSCODE,
                              .path = cb_span_of(row->path),
                              .label = cb_span_of(row->label),
                              .state = cb_span_of(row->state),
                              .details = cb_span_of("{\"a\":1}"),
                              .from = row->from,
                              .to = row->to,
                              .certificates = certificates,
                              .facts = their};
    for (; o.n_certificates < 4 && row->certificates[o.n_certificates]; o.n_certificates++) {
        int which = row->certificates[o.n_certificates] - 1;
        certificates[o.n_certificates] = cb_buf_span(&der[which]);
        their[o.n_certificates] = facts[which];
    }
    return cb_snapshot_writer_add(w, &o, err);
}

static struct cb_snapshot_writer *begin(const char *path, uint64_t identity)
{
    struct cb_snapshot_writer *w;
    struct cb_error err = {.code = CB_OK};
    if (cb_snapshot_writer_new(path, 0640, NO_GROUP, identity, &w, &err) != 0)
        fail_msg("%s", err.text);
    return w;
}

static struct cb_written finish(struct cb_snapshot_writer *w, bool anew)
{
    struct cb_written written;
    struct cb_error err = {.code = CB_OK};
    if (cb_snapshot_writer_finish(w, anew, &written, &err) != 0)
        fail_msg("%s", err.text);
    cb_snapshot_writer_free(w);
    return written;
}

/* Writes `n` rows from `first` on, `step` apart. */
static struct cb_written write_rows(const char *path, size_t first, size_t n, int step)
{
    struct cb_snapshot_writer *w = begin(path, IDENTITY);
    struct cb_error err;
    for (size_t i = 0; i < n; i++, first += (size_t)step)
        assert_int_equal(add(w, &rows[first], &err), 0);
    return finish(w, false);
}

static struct cb_written write_all(const char *path)
{
    return write_rows(path, 0, COUNT(rows), 1);
}

static struct cb_snapshot *open_at(const char *path)
{
    struct cb_snapshot *s;
    struct cb_error err = {.code = CB_OK};
    if (cb_snapshot_map(open(path, O_RDONLY), &s, &err) != 0)
        fail_msg("%s", err.text);
    return s;
}

static struct cb_object object(const struct cb_snapshot *s, uint64_t id)
{
    struct cb_object o;
    assert_int_equal(cb_snapshot_object(s, id, &o, NULL), 0);
    return o;
}

static void assert_text(struct cb_span span, const char *text)
{
    if (!cb_span_equal(span, cb_span_of(text)))
        fail_msg("\"%.*s\" is not \"%s\"", CB_SPAN_ARGS(span), text);
}

/* The paths of what `ids` name, in their order; a certificate of a chain as its label. */
static void assert_paths(const struct cb_snapshot *s, struct cb_ids ids, const char *expected)
{
    struct cb_buf text;
    cb_buf_init(&text, 4096);
    for (uint32_t i = 0; i < ids.n; i++) {
        struct cb_object o = object(s, cb_ids_at(ids, i));
        cb_buf_add_text(&text, i ? " " : "");
        cb_buf_add_span(&text, o.kind == CB_CHAIN ? o.label : o.path);
    }
    assert_string_equal(cb_buf_text(&text), expected);
    cb_buf_clear(&text);
}

static struct cb_object with_path(const struct cb_snapshot *s, const char *path)
{
    struct cb_ids ids = cb_snapshot_below(s, cb_span_of(path));
    assert_int_not_equal(ids.n, 0);
    return object(s, cb_ids_at(ids, 0));
}

static size_t files_in(const char *folder)
{
    size_t n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; (e = readdir(d));)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return n;
}

static void test_facts_and_order(void **state)
{
    struct scratch dir;
    (void)state;
    scratch_init(&dir);
    const char *path = scratch_path(&dir, "people.cdb");
    struct cb_written written = write_rows(path, COUNT(rows) - 1, COUNT(rows), -1);
    struct cb_snapshot *s = open_at(path);
    const struct cb_snapshot_facts *f = cb_snapshot_facts(s);
    assert_int_equal(written.certificates, 5);
    assert_int_equal(written.passcodes, 2);
    assert_false(written.unchanged);
    assert_int_equal(f->credentials, 7);
    assert_int_equal(f->certificates, 5);
    assert_int_equal(f->passcodes, 2);
    assert_int_equal(f->chain, 2);
    assert_int_equal(f->listing, 9);
    assert_true(f->identity == IDENTITY);
    struct cb_ids all = cb_snapshot_listing(s);
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_text(object(s, cb_ids_at(all, (uint32_t)i)).path, rows[i].path);
    cb_snapshot_unref(s);
    scratch_clear(&dir);
}

static void test_objects(void **state)
{
    struct scratch dir;
    (void)state;
    scratch_init(&dir);
    const char *path = scratch_path(&dir, "people.cdb");
    write_all(path);
    struct cb_snapshot *s = open_at(path);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct cb_object o = with_path(s, rows[i].path);
        assert_text(o.path, rows[i].path);
        assert_text(o.label, rows[i].label);
        assert_text(o.state, rows[i].state);
        assert_text(o.details, "{\"a\":1}");
        assert_true(o.from == rows[i].from && o.to == rows[i].to);
        assert_in_range(o.id, 1, INT64_MAX);
        if (!rows[i].certificates[0]) {
            assert_int_equal(o.kind, CB_PASSCODE);
            assert_int_equal(o.der.n + o.subject.n + o.key_id.n + o.sha1.n + o.sha256.n, 0);
            continue;
        }
        const struct cb_x509_facts *f = &facts[rows[i].certificates[0] - 1];
        assert_int_equal(o.kind, CB_CERTIFICATE);
        assert_true(cb_span_equal(o.der, f->parts.whole));
        assert_true(cb_span_equal(o.subject, f->parts.subject));
        assert_true(cb_span_equal(o.issuer, f->parts.issuer));
        assert_true(cb_span_equal(o.serial, f->parts.serial));
        assert_true(cb_span_equal(o.spki, f->parts.spki));
        assert_true(cb_span_equal(o.key_id, cb_span(f->key_id, f->key_id_n)));
        assert_memory_equal(o.sha1.p, f->sha1, 20);
        assert_memory_equal(o.sha256.p, f->sha256, 32);
        assert_true(o.not_before == f->not_before && o.not_after == f->not_after);
        assert_false(o.ca);
    }
    cb_snapshot_unref(s);
    scratch_clear(&dir);
}

static void test_below(void **state)
{
    static const struct {
        const char *prefix, *found;
    } cases[] = {
        {"", "a a/1 a/1/x a/2 a-b/1 a.b b/%2F"},
        {"a", "a a/1 a/1/x a/2"},
        {"a/1", "a/1 a/1/x"},
        {"a/1/x", "a/1/x"},
        {"a/2", "a/2"},
        {"a-b", "a-b/1"},
        {"b", "b/%2F"},
        {"b/%2F", "b/%2F"},
        {"b/%", ""},
        {"a/", ""},
        {"A", ""},
        {"a/1/x/y", ""},
        {"c", ""},
    };
    struct scratch dir;
    (void)state;
    scratch_init(&dir);
    const char *path = scratch_path(&dir, "people.cdb");
    write_all(path);
    struct cb_snapshot *s = open_at(path);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_paths(s, cb_snapshot_below(s, cb_span_of(cases[i].prefix)), cases[i].found);
    cb_snapshot_unref(s);
    scratch_clear(&dir);
}

static void assert_found(const struct cb_snapshot *s, enum cb_tag tag, struct cb_span key,
                         const char *expected)
{
    assert_paths(s, cb_snapshot_find(s, tag, key), expected);
}

static void test_indexes(void **state)
{
    struct scratch dir;
    struct cb_buf key;
    (void)state;
    scratch_init(&dir);
    cb_buf_init(&key, 4096);
    const char *path = scratch_path(&dir, "people.cdb");
    write_all(path);
    struct cb_snapshot *s = open_at(path);
    const struct cb_x509_facts *anna = &facts[ANNA], *bert = &facts[BERT], *root = &facts[ROOT];

    assert_found(s, CB_TAG_LABEL, cb_span_of("Anna"), "a/1 a/2 b/%2F");
    assert_found(s, CB_TAG_LABEL, cb_span_of("Root"), "Root");
    assert_found(s, CB_TAG_LABEL, cb_span_of("anna"), "");
    assert_found(s, CB_TAG_SHA1, cb_span(bert->sha1, 20), "a-b/1");
    assert_found(s, CB_TAG_SHA256, cb_span(anna->sha256, 32), "a/1 b/%2F");
    assert_found(s, CB_TAG_SHA256, cb_span(root->sha256, 32), "Root");
    /* All have one key. */
    assert_int_equal(cb_snapshot_find(s, CB_TAG_KEY_ID, cb_span(anna->key_id, anna->key_id_n)).n,
                     7);
    cb_name_canonical(&key, facts[ANNA_AGAIN].parts.subject);
    assert_found(s, CB_TAG_SUBJECT, cb_buf_span(&key), "a/1 a/2 b/%2F");
    cb_buf_reset(&key);
    assert_int_equal(cb_issuer_serial_key(&key, bert->parts.issuer, bert->parts.serial), 0);
    assert_found(s, CB_TAG_ISSUER_SERIAL, cb_buf_span(&key), "a-b/1");
    assert_found(s, CB_TAG_ISSUER_SERIAL, cb_span_of("nobody"), "");
    cb_buf_clear(&key);
    cb_snapshot_unref(s);
    scratch_clear(&dir);
}

static void test_chains(void **state)
{
    static const struct {
        const char *path, *chain;
    } cases[] = {
        {"a/1", "Inner Root"}, {"a/1/x", "Root"}, {"a/2", "Inner Root"},
        {"a-b/1", ""},         {"a.b", ""},       {"b/%2F", "Inner"},
    };
    struct scratch dir;
    (void)state;
    scratch_init(&dir);
    const char *path = scratch_path(&dir, "people.cdb");
    write_all(path);
    struct cb_snapshot *s = open_at(path);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_paths(s, cb_snapshot_chain(s, with_path(s, cases[i].path).id), cases[i].chain);

    struct cb_object inner = object(s, cb_ids_at(cb_snapshot_chain(s, with_path(s, "a/1").id), 0));
    struct cb_buf unique;
    cb_buf_init(&unique, 100);
    cb_buf_add_text(&unique, "chain/");
    cb_hex(&unique, cb_span(facts[INNER].sha256, 32));
    assert_text(inner.path, cb_buf_text(&unique));
    assert_int_equal(inner.kind, CB_CHAIN);
    assert_true(inner.ca);
    assert_int_equal(inner.state.n + inner.details.n, 0);
    /* a/1 and a/2 have the same state and window: one stands for both. */
    assert_int_equal(cb_snapshot_owners(s, inner.id).n, 2);
    cb_buf_clear(&unique);
    cb_snapshot_unref(s);
    scratch_clear(&dir);
}

static void test_shown(void **state)
{
    static const struct row only[] = {
        {"1", "x", "off", 0, 10, {ANNA + 1, INNER + 1}},
        {"2", "x", "active", 20, 30, {BERT + 1, INNER + 1}},
        {"3", "x", "active", 40, 50, {CLAUS + 1, INNER + 1}},
    };
    static const struct {
        int64_t now;
        const char *state;
        bool shown;
    } cases[] = {
        {5, NULL, false},   {19, NULL, false}, {20, NULL, true},  {29, NULL, true},
        {30, NULL, false},  {45, NULL, true},  {50, NULL, false}, {5, "off", true},
        {25, "off", false}, {5, "any", true},  {99, "any", true}, {25, "active", true},
    };
    struct scratch dir;
    struct cb_error err;
    (void)state;
    scratch_init(&dir);
    const char *path = scratch_path(&dir, "people.cdb");
    struct cb_snapshot_writer *w = begin(path, IDENTITY);
    for (size_t i = 0; i < COUNT(only); i++)
        assert_int_equal(add(w, &only[i], &err), 0);
    finish(w, false);
    struct cb_snapshot *s = open_at(path);
    struct cb_object inner = object(s, cb_ids_at(cb_snapshot_listing(s), 3));
    assert_int_equal(inner.kind, CB_CHAIN);
    assert_int_equal(cb_snapshot_owners(s, inner.id).n, 3);
    for (size_t i = 0; i < COUNT(cases); i++)
        if (cb_snapshot_shows(s, &inner, &source, cases[i].state, cases[i].now) != cases[i].shown)
            fail_msg("%jd %s", (intmax_t)cases[i].now, cases[i].state);
    cb_snapshot_unref(s);
    scratch_clear(&dir);
}

static void test_empty(void **state)
{
    struct scratch dir;
    (void)state;
    scratch_init(&dir);
    const char *path = scratch_path(&dir, "people.cdb");
    write_rows(path, 0, 0, 1);
    struct cb_snapshot *s = open_at(path);
    assert_int_equal(cb_snapshot_facts(s)->listing, 0);
    assert_int_equal(cb_snapshot_listing(s).n, 0);
    assert_int_equal(cb_snapshot_below(s, cb_span_of("")).n, 0);
    assert_int_equal(cb_snapshot_find(s, CB_TAG_LABEL, cb_span_of("x")).n, 0);
    cb_snapshot_unref(s);
    scratch_clear(&dir);
}

/* Many under one key, beside many under their own. */
static void test_many(void **state)
{
    enum { N = 3000 };
    struct scratch dir;
    struct cb_error err;
    char text[32], label[32];
    (void)state;
    scratch_init(&dir);
    const char *path = scratch_path(&dir, "people.cdb");
    struct cb_snapshot_writer *w = begin(path, IDENTITY);
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, "u%d/%04d", i % 7, i);
        snprintf(label, sizeof label, i % 2 ? "same" : "label %d", i);
        struct row row = {text, label, "active", CB_TIME_MIN, CB_TIME_MAX, {0}};
        assert_int_equal(add(w, &row, &err), 0);
        assert_int_equal(add(w, &row, &err), 1);
        assert_true(cb_snapshot_writer_has(w, cb_span_of(text)));
    }
    assert_false(cb_snapshot_writer_has(w, cb_span_of("u1")));
    finish(w, false);
    struct cb_snapshot *s = open_at(path);
    assert_int_equal(cb_snapshot_find(s, CB_TAG_LABEL, cb_span_of("same")).n, N / 2);
    assert_int_equal(cb_snapshot_below(s, cb_span_of("u3")).n, (N + 3) / 7);
    for (int i = 0; i < N; i += 2) {
        snprintf(text, sizeof text, "u%d/%04d", i % 7, i);
        snprintf(label, sizeof label, "label %d", i);
        assert_paths(s, cb_snapshot_find(s, CB_TAG_LABEL, cb_span_of(label)), text);
        assert_paths(s, cb_snapshot_below(s, cb_span_of(text)), text);
    }
    cb_snapshot_unref(s);
    scratch_clear(&dir);
}

static void test_forget(void **state)
{
    static const struct row again = {"a/1", "Anna anew", "off", 1, 2, {ANNA + 1}};
    struct scratch dir;
    struct cb_error err;
    struct cb_object o;
    (void)state;
    scratch_init(&dir);
    const char *path = scratch_path(&dir, "people.cdb");
    struct cb_snapshot_writer *w = begin(path, IDENTITY);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(add(w, &rows[i], &err), 0);
    assert_int_equal(cb_snapshot_writer_forget(w, CB_CERTIFICATE, cb_span_of("a"), &err), 0);
    assert_true(cb_snapshot_writer_has(w, cb_span_of("a")));
    assert_true(cb_snapshot_writer_has(w, cb_span_of("a-b/1")));
    assert_false(cb_snapshot_writer_has(w, cb_span_of("a/1")));
    assert_int_equal(add(w, &again, &err), 0);
    struct cb_written written = finish(w, false);
    assert_int_equal(written.certificates, 2);
    assert_int_equal(written.passcodes, 1);
    struct cb_snapshot *s = open_at(path);
    assert_paths(s, cb_snapshot_listing(s), "a a/1 a-b/1");
    assert_text(with_path(s, "a/1").label, "Anna anew");
    assert_int_equal(cb_snapshot_chain(s, with_path(s, "a/1").id).n, 0);

    /* What was forgotten cannot be reached by its id either. */
    const char *full = scratch_path(&dir, "full.cdb");
    write_all(full);
    struct cb_snapshot *all = open_at(full);
    assert_int_equal(cb_snapshot_object(s, with_path(all, "a/1").id, &o, NULL), 0);
    assert_int_equal(cb_snapshot_object(s, with_path(all, "a/2").id, &o, NULL), -1);
    assert_int_equal(cb_snapshot_object(s, cb_ids_at(cb_snapshot_listing(all), 7), &o, NULL), -1);
    cb_snapshot_unref(all);
    cb_snapshot_unref(s);
    scratch_clear(&dir);
}

static void digest_of(const char *path, uint8_t out[32])
{
    struct cb_snapshot *s = open_at(path);
    memcpy(out, cb_snapshot_facts(s)->digest, 32);
    cb_snapshot_unref(s);
}

/* Any order, any walk that began anew: one digest. Any difference: another. */
static void test_digest(void **state)
{
    static const struct row others[] = {
        {"a", "second", "active", 10, 20, {0}}, {"a", "first", "off", 10, 20, {0}},
        {"a", "first", "active", 11, 20, {0}},  {"a", "first", "active", 10, 20, {ANNA + 1}},
        {"c", "first", "active", 10, 20, {0}},
    };
    struct scratch dir;
    struct cb_error err;
    uint8_t forward[32], other[32];
    (void)state;
    scratch_init(&dir);
    const char *path = scratch_path(&dir, "people.cdb");
    write_all(path);
    digest_of(path, forward);
    unlink(path);
    write_rows(path, COUNT(rows) - 1, COUNT(rows), -1);
    digest_of(path, other);
    assert_memory_equal(forward, other, 32);
    unlink(path);

    struct cb_snapshot_writer *w = begin(path, IDENTITY);
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(add(w, &rows[i], &err), 0);
    assert_int_equal(cb_snapshot_writer_forget(w, CB_CERTIFICATE, cb_span_of(""), &err), 0);
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(add(w, &rows[i], &err), rows[i].certificates[0] ? 0 : 1);
    finish(w, false);
    digest_of(path, other);
    assert_memory_equal(forward, other, 32);

    for (size_t k = 0; k < COUNT(others); k++) {
        w = begin(path, IDENTITY);
        assert_int_equal(add(w, &others[k], &err), 0);
        for (size_t i = 1; i < COUNT(rows); i++)
            assert_int_equal(add(w, &rows[i], &err), 0);
        assert_false(finish(w, false).unchanged);
        digest_of(path, other);
        assert_memory_not_equal(forward, other, 32);
    }
    scratch_clear(&dir);
}

static ino_t inode(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_ino;
}

static void flip(const char *path, off_t at)
{
    uint8_t byte;
    int fd = open(path, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void chmod_wrong(const char *path)
{
    assert_int_equal(chmod(path, 0600), 0);
}

static void chmod_open(const char *path)
{
    assert_int_equal(chmod(path, 0666), 0);
}

/* In the label of the first object. */
static void damage(const char *path)
{
    flip(path, 2048 + 8 + 9 + CB_RECORD_FIXED + 1);
}

static void cut(const char *path)
{
    assert_int_equal(truncate(path, 3000), 0);
}

static void leave(const char *path)
{
    (void)path;
}

static void test_unchanged(void **state)
{
    static const struct {
        const char *what;
        void (*before)(const char *path);
        uint64_t identity;
        bool anew, unchanged;
    } cases[] = {
        {"nothing happened", leave, IDENTITY, false, true},
        {"by force", leave, IDENTITY, true, false},
        {"another identity", leave, IDENTITY + 1, false, false},
        {"another mode", chmod_wrong, IDENTITY, false, false},
        {"writable by others", chmod_open, IDENTITY, false, false},
        {"damaged", damage, IDENTITY, false, false},
        {"cut", cut, IDENTITY, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct scratch dir;
        struct stat st;
        struct cb_error err;
        scratch_init(&dir);
        const char *path = scratch_path(&dir, "people.cdb");
        write_all(path);
        cases[i].before(path);
        scratch_age(path, 1000 * 1000);
        ino_t before = inode(path);
        struct cb_snapshot_writer *w = begin(path, cases[i].identity);
        for (size_t k = 0; k < COUNT(rows); k++)
            assert_int_equal(add(w, &rows[k], &err), 0);
        bool unchanged = finish(w, cases[i].anew).unchanged;
        if (unchanged != cases[i].unchanged || (inode(path) == before) != cases[i].unchanged)
            fail_msg("%s", cases[i].what);
        assert_int_equal(stat(path, &st), 0);
        assert_true(st.st_mtime > cb_now() - 500);
        assert_int_equal(st.st_mode & 07777, 0640);
        assert_int_equal(files_in(dir.folder), 1);
        cb_snapshot_unref(open_at(path));
        scratch_clear(&dir);
    }
}

/* Every limit from nothing to enough: a clear error and the old file, or the new one. */
static void test_limit(void **state)
{
    struct scratch dir;
    size_t failed = 0, done = 0;
    (void)state;
    scratch_init(&dir);
    const char *path = scratch_path(&dir, "people.cdb");
    write_rows(path, 0, 1, 1);
    ino_t old = inode(path);
    for (uint64_t limit = 2000; !done; limit += 61) {
        struct cb_error err = {.code = CB_OK};
        struct cb_written written;
        struct cb_snapshot_writer *w = begin(path, IDENTITY);
        int result = 0;
        cb_snapshot_writer_limit(w, limit);
        for (size_t i = 0; i < COUNT(rows) && result == 0; i++)
            result = add(w, &rows[i], &err);
        if (result == 0)
            result = cb_snapshot_writer_finish(w, false, &written, &err);
        cb_snapshot_writer_free(w);
        assert_int_equal(files_in(dir.folder), 1);
        if (result == 0) {
            struct stat st;
            assert_int_equal(stat(path, &st), 0);
            /* How many buckets stay empty depends on the key. */
            assert_in_range(st.st_size, limit - 61 - 14 * 33, limit);
            done++;
            continue;
        }
        failed++;
        assert_int_equal(err.code, CB_ERR_LIMIT);
        assert_true(inode(path) == old);
    }
    assert_in_range(failed, 50, 500);
    scratch_clear(&dir);
}

/* A file system that has no more room at any point. */
static void test_disk_full(void **state)
{
    struct scratch dir;
    struct rlimit unlimited, limit;
    size_t failed = 0, done = 0;
    (void)state;
    scratch_init(&dir);
    signal(SIGXFSZ, SIG_IGN);
    const char *path = scratch_path(&dir, "people.cdb");
    write_rows(path, 0, 1, 1);
    ino_t old = inode(path);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    limit = unlimited;
    for (limit.rlim_cur = 0; !done; limit.rlim_cur += 256) {
        struct cb_error err = {.code = CB_OK};
        struct cb_written written;
        struct cb_snapshot_writer *w = NULL;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        int result = cb_snapshot_writer_new(path, 0640, NO_GROUP, IDENTITY, &w, &err);
        for (size_t i = 0; i < COUNT(rows) && result == 0; i++)
            result = add(w, &rows[i], &err);
        if (result == 0)
            result = cb_snapshot_writer_finish(w, false, &written, &err);
        cb_snapshot_writer_free(w);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
        assert_int_equal(files_in(dir.folder), 1);
        if (result == 0) {
            done++;
            continue;
        }
        failed++;
        assert_int_equal(err.code, CB_ERR_SYSTEM);
        assert_non_null(strstr(err.text, "File too large"));
        assert_true(inode(path) == old);
    }
    assert_in_range(failed, 10, 100);
    cb_snapshot_unref(open_at(path));
    scratch_clear(&dir);
}

static void test_temporary_files(void **state)
{
    struct scratch dir;
    struct stat st;
    struct cb_error err;
    struct cb_snapshot_writer *w;
    (void)state;
    scratch_init(&dir);
    scratch_write(&dir, ".people.cdb.abcdef", "left by a killed sync", 0600);
    scratch_write(&dir, ".people.cdb.abcdefg", "another's", 0600);
    scratch_write(&dir, ".people2.cdb.abcdef", "another source's", 0600);
    char path[512];
    snprintf(path, sizeof path, "%s", scratch_path(&dir, "people.cdb"));
    mode_t mask = umask(0077);
    w = begin(path, IDENTITY);
    umask(mask);
    assert_int_equal(files_in(dir.folder), 3);
    assert_int_equal(add(w, &rows[1], &err), 0);
    cb_snapshot_writer_free(w);
    assert_int_equal(files_in(dir.folder), 2);
    write_all(path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    char missing[600];
    snprintf(missing, sizeof missing, "%s/nowhere/people.cdb", dir.folder);
    assert_int_equal(cb_snapshot_writer_new(missing, 0600, NO_GROUP, 1, &w, &err), -1);
    assert_int_equal(err.code, CB_ERR_SYSTEM);
    assert_null(w);
    scratch_clear(&dir);
}

/* Too large for the file: left out, and the rest goes on. */
static void test_caps(void **state)
{
    struct scratch dir;
    struct cb_error err;
    char *long_text = malloc(CB_DETAILS_MAX + 2);
    (void)state;
    memset(long_text, 'x', CB_DETAILS_MAX + 1);
    long_text[CB_DETAILS_MAX + 1] = 0;
    struct cb_span many[CB_CHAIN_MAX + 1];
    struct cb_x509_facts their[CB_CHAIN_MAX + 1];
    for (size_t i = 0; i < COUNT(many); i++) {
        many[i] = cb_buf_span(&der[ANNA]);
        their[i] = facts[ANNA];
    }
    struct cb_new_object good = {.kind = CB_PASSCODE,
                                 .path = cb_span_of("p"),
                                 .label = cb_span_of("l"),
                                 .details = cb_span(long_text, CB_DETAILS_MAX)};
    struct cb_new_object bad[] = {good, good, good, good, good, good, good};
    bad[0].path = cb_span(long_text, CB_OBJECT_PATH_MAX + 1);
    bad[1].label = cb_span(long_text, CB_LABEL_MAX + 1);
    bad[2].state = cb_span(long_text, CB_LABEL_MAX + 1);
    bad[3].details = cb_span(long_text, CB_DETAILS_MAX + 1);
    bad[4].path = cb_span("", 0);
    bad[5].label = cb_span("", 0);
    bad[6].kind = CB_CERTIFICATE;
    bad[6].certificates = many;
    bad[6].facts = their;
    bad[6].n_certificates = COUNT(many);
    scratch_init(&dir);
    const char *path = scratch_path(&dir, "people.cdb");
    struct cb_snapshot_writer *w = begin(path, IDENTITY);
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(cb_snapshot_writer_add(w, &bad[i], &err), -1);
        assert_int_equal(err.code, CB_ERR_CERTIFICATE);
    }
    assert_int_equal(cb_snapshot_writer_add(w, &good, &err), 0);
    assert_int_equal(finish(w, false).passcodes, 1);
    struct cb_snapshot *s = open_at(path);
    assert_int_equal(with_path(s, "p").details.n, CB_DETAILS_MAX);
    cb_snapshot_unref(s);
    free(long_text);
    scratch_clear(&dir);
}

static void test_no_snapshot(void **state)
{
    static const struct {
        const char *content;
        off_t size;
        const char *reason;
    } cases[] = {
        {"", 0, "which none can have"},
        {"x", 1, "cannot be mapped"},
        {"certbrdg", 8, "cannot be mapped"},
        {"", 2047, "cannot be mapped"},
        {"", 2048, "no snapshot"},
        {"", 1 << 20, "no snapshot"},
        {"", (off_t)UINT32_MAX + 1, "which none can have"},
        {"", (off_t)UINT32_MAX + 4096, "which none can have"},
    };
    struct scratch dir;
    (void)state;
    scratch_init(&dir);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cb_snapshot *s;
        struct cb_error err = {.code = CB_OK};
        const char *path = scratch_write(&dir, "people.cdb", cases[i].content, 0600);
        assert_int_equal(truncate(path, cases[i].size), 0);
        assert_int_equal(cb_snapshot_map(open(path, O_RDONLY), &s, &err), -1);
        assert_int_equal(err.code, CB_ERR_DAMAGED);
        assert_non_null(strstr(err.text, cases[i].reason));
        assert_null(s);
    }
    scratch_clear(&dir);
}

/* Everything that a face asks; what is handed out is what was written. */
static void ask_everything(const struct cb_snapshot *s, const struct cb_snapshot *good)
{
    struct cb_ids expected = cb_snapshot_listing(good), found;
    struct cb_buf key;
    cb_buf_init(&key, 4096);
    for (uint32_t i = 0; i < expected.n; i++) {
        uint64_t id = cb_ids_at(expected, i);
        struct cb_object o, right = object(good, id);
        if (cb_snapshot_object(s, id, &o, NULL) == 0) {
            assert_true(cb_span_equal(o.path, right.path));
            assert_true(cb_span_equal(o.der, right.der));
            assert_true(cb_span_equal(o.subject, right.subject));
            assert_true(cb_span_equal(o.details, right.details));
            cb_snapshot_shows(s, &o, &source, NULL, 0);
        }
        found = cb_snapshot_chain(s, id);
        found = cb_snapshot_owners(s, id);
        found = cb_snapshot_below(s, right.path);
        found = cb_snapshot_find(s, CB_TAG_LABEL, right.label);
        for (uint32_t k = 0; k < found.n; k++)
            (void)cb_snapshot_object(s, cb_ids_at(found, k), &o, NULL);
        found = cb_snapshot_find(s, CB_TAG_KEY_ID, right.key_id);
        found = cb_snapshot_find(s, CB_TAG_SHA1, right.sha1);
    }
    found = cb_snapshot_listing(s);
    for (uint32_t k = 0; k < found.n; k++) {
        struct cb_object o;
        (void)cb_snapshot_object(s, cb_ids_at(found, k), &o, NULL);
    }
    cb_buf_clear(&key);
}

static void map_and_ask(int fd, const struct cb_snapshot *good)
{
    struct cb_snapshot *s;
    if (cb_snapshot_map(dup(fd), &s, NULL) != 0)
        return;
    ask_everything(s, good);
    cb_snapshot_unref(s);
}

/* Every byte changed in three ways, and every length: an error, "not found", or what was
 * written. */
static void test_damage(void **state)
{
    struct scratch dir;
    struct stat st;
    struct cb_error err;
    (void)state;
    scratch_init(&dir);
    const char *path = scratch_path(&dir, "people.cdb");
    struct cb_snapshot_writer *w = begin(path, IDENTITY);
    assert_int_equal(add(w, &rows[0], &err), 0);
    assert_int_equal(add(w, &rows[2], &err), 0);
    finish(w, false);
    struct cb_snapshot *good = open_at(path);
    assert_int_equal(stat(path, &st), 0);
    uint8_t *bytes = malloc((size_t)st.st_size);
    int from = open(path, O_RDONLY), fd = memfd_create("damaged", MFD_CLOEXEC);
    assert_int_equal(read(from, bytes, (size_t)st.st_size), st.st_size);
    close(from);
    assert_int_equal(write(fd, bytes, (size_t)st.st_size), st.st_size);
    for (off_t i = 0; i < st.st_size; i++) {
        const uint8_t damaged[] = {(uint8_t)(bytes[i] ^ 1), (uint8_t)(bytes[i] ^ 0x80), 0xff};
        for (size_t k = 0; k < sizeof damaged; k++) {
            assert_int_equal(pwrite(fd, &damaged[k], 1, i), 1);
            map_and_ask(fd, good);
        }
        assert_int_equal(pwrite(fd, &bytes[i], 1, i), 1);
    }
    for (off_t size = st.st_size - 1; size >= 0; size--) {
        assert_int_equal(ftruncate(fd, size), 0);
        map_and_ask(fd, good);
    }
    close(fd);
    free(bytes);
    cb_snapshot_unref(good);
    scratch_clear(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts_and_order),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_below),
        cmocka_unit_test(test_indexes),
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_shown),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_forget),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_unchanged),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_disk_full),
        cmocka_unit_test(test_temporary_files),
        cmocka_unit_test(test_caps),
        cmocka_unit_test(test_no_snapshot),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, make_certificates, free_certificates);
}
