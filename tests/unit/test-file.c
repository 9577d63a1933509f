/* Whose files are taken, and what the refusals say. */
#include "common/file.h"
#include "common/users.h"
#include "tests/unit/scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define STRANGER 4000000001u /* a uid that nobody has */
#define NOBODY_ELSE ((uid_t)-1)

static void trust_by_owner_and_mode(void **state)
{
    const uid_t self = geteuid();
    const struct {
        uid_t owner, also;
        mode_t mode;
        const char *refusal; /* part of it; NULL: trusted */
    } rows[] = {
        {self, NOBODY_ELSE, 0644, NULL},
        {self, NOBODY_ELSE, 0600, NULL},
        {self, NOBODY_ELSE, 0750, NULL},
        {0, NOBODY_ELSE, 0644, NULL},
        {STRANGER, STRANGER, 0644, NULL},
        {self, STRANGER, 0644, NULL},
        {STRANGER, NOBODY_ELSE, 0644, "belongs to user 4000000001, mode 0644; it must belong to"},
        {STRANGER, STRANGER - 1, 0644, "(remedy: chown 4000000000 /a/file)"},
        {self, NOBODY_ELSE, 0664, "mode 0664: others may write it (remedy: chmod go-w /a/file)"},
        {self, NOBODY_ELSE, 0602, "mode 0602: others may write it"},
        {STRANGER, STRANGER, 0666, "mode 0666: others may write it"},
        {0, NOBODY_ELSE, 01777, "mode 1777: others may write it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stat st = {.st_uid = rows[i].owner, .st_mode = S_IFREG | rows[i].mode};
        struct cb_error err = {0};
        int result = cb_file_trusted("/a/file", &st, rows[i].also, &err);
        assert_int_equal(result, rows[i].refusal == NULL ? 0 : -1);
        if (rows[i].refusal != NULL) {
            assert_int_equal(err.code, CB_ERR_REFUSED);
            assert_non_null(strstr(err.text, rows[i].refusal));
        }
    }
}

static void make_row(struct scratch *s, const char *name)
{
    const char *path = scratch_path(s, name);

    if (strcmp(name, "folder") == 0)
        assert_int_equal(mkdir(path, 0700), 0);
    else if (strcmp(name, "pipe") == 0)
        assert_int_equal(mkfifo(path, 0600), 0);
    else if (strcmp(name, "good") == 0)
        scratch_write(s, name, "text", 0644);
    else if (strcmp(name, "shared") == 0)
        scratch_write(s, name, "text", 0666);
    else if (strcmp(name, "link") == 0)
        assert_int_equal(symlink("good", path), 0);
}

static void open_takes_regular_trusted_files_only(void **state)
{
    static const struct {
        const char *name;
        enum cb_error_code code; /* CB_OK: opened */
    } rows[] = {
        {"good", CB_OK},
        {"link", CB_OK},
        {"missing", CB_ERR_NOT_FOUND},
        {"pipe", CB_ERR_REFUSED},
        {"folder", CB_ERR_REFUSED},
        {"shared", CB_ERR_REFUSED},
        {"good/below", CB_ERR_NOT_FOUND},
    };
    struct scratch s;

    (void)state;
    scratch_init(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cb_error err = {0};
        struct stat st;
        make_row(&s, rows[i].name);
        int fd = cb_file_open_trusted(scratch_path(&s, rows[i].name), NOBODY_ELSE, &st, &err);
        assert_int_equal(err.code, rows[i].code);
        assert_int_equal(fd >= 0, rows[i].code == CB_OK);
        if (fd >= 0) {
            assert_int_equal(st.st_size, 4);
            assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
            close(fd);
        }
    }
    scratch_clear(&s);
}

static void reading_stops_at_the_cap(void **state)
{
    static const struct {
        size_t size, cap;
        enum cb_error_code code;
    } rows[] = {{0, 10, CB_OK},
                {10, 10, CB_OK},
                {11, 10, CB_ERR_LIMIT},
                {20000, 20000, CB_OK},
                {20000, 19999, CB_ERR_LIMIT}};
    struct scratch s;

    (void)state;
    scratch_init(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = calloc(1, rows[i].size + 1);
        struct cb_error err = {0};
        struct cb_buf out;
        memset(text, 'x', rows[i].size);
        const char *path = scratch_write(&s, "file", text, 0600);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        cb_buf_init(&out, rows[i].cap);
        cb_file_read(fd, path, &out, &err);
        assert_int_equal(err.code, rows[i].code);
        if (rows[i].code == CB_OK)
            assert_true(cb_span_equal(cb_buf_span(&out), cb_span_of(text)));
        cb_buf_clear(&out);
        close(fd);
        free(text);
    }
    scratch_clear(&s);
}

static void cache_folder_is_judged(void **state)
{
    static const struct {
        mode_t mode; /* 0: there is none; 1: it is a file */
        const char *refusal;
    } rows[] = {
        {0, "does not exist: run `certbridge sync` once"},
        {0700, NULL},
        {0755, NULL},
        {0775, "others may write it"},
        {1, "is not a folder"},
    };
    struct scratch s;

    (void)state;
    scratch_init(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct cb_error err = {0};
        char path[sizeof s.path];
        snprintf(path, sizeof path, "%s", scratch_path(&s, "cache"));
        struct cb_config config = {.cache = path};
        if (rows[i].mode == 1)
            scratch_write(&s, "cache", "", 0600);
        else if (rows[i].mode != 0)
            assert_int_equal(mkdir(path, 0700) || chmod(path, rows[i].mode), 0);
        assert_int_equal(cb_cache_trusted(&config, NULL, &err), rows[i].refusal == NULL ? 0 : -1);
        if (rows[i].refusal != NULL)
            assert_non_null(strstr(err.text, rows[i].refusal));
        remove(path);
    }
    scratch_clear(&s);
}

static void cache_paths(void **state)
{
    char long_path[CB_FILE_PATH_MAX];
    struct cb_source source = {.name = "people"};
    struct cb_config config = {.cache = (char[]){"/c"}};
    char path[CB_FILE_PATH_MAX];
    struct cb_error err;

    (void)state;
    assert_int_equal(cb_cache_path(&config, &source, CB_FILE_SNAPSHOT, path, &err), 0);
    assert_string_equal(path, "/c/people.cdb");
    assert_int_equal(cb_cache_path(&config, &source, CB_FILE_STATUS, path, &err), 0);
    assert_string_equal(path, "/c/people.status");
    assert_int_equal(cb_cache_path(&config, &source, CB_FILE_LOCK, path, &err), 0);
    assert_string_equal(path, "/c/people.lock");
    memset(long_path, 'a', sizeof long_path);
    long_path[sizeof long_path - 5] = '\0';
    config.cache = long_path;
    assert_int_equal(cb_cache_path(&config, &source, CB_FILE_LOCK, path, &err), -1);
    assert_int_equal(err.code, CB_ERR_LIMIT);
}

static void users_are_found_without_nss(void **state)
{
    static const struct {
        const char *name;
        int result;
        uid_t uid;
    } rows[] = {{"root", 0, 0},
                {"0", 0, 0},
                {"4000000001", 0, 4000000001u},
                {"daemon", 0, 1},
                {"roo", -1, 0},
                {"", -1, 0},
                {"-1", -1, 0},
                {"4294967295", -1, 0},
                {"12x", -1, 0},
                {":", -1, 0},
                {"no-such-user", -1, 0}};
    char name[CB_USER_NAME_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uid_t uid = 77;
        assert_int_equal(cb_user_id(rows[i].name, &uid), rows[i].result);
        if (rows[i].result == 0)
            assert_int_equal(uid, rows[i].uid);
    }
    assert_string_equal(cb_user_name(0, name), "root");
    assert_string_equal(cb_user_name(STRANGER, name), "4000000001");
}

static void groups_too(void **state)
{
    gid_t gid;

    (void)state;
    assert_int_equal(cb_group_id("daemon", &gid), 0);
    assert_int_equal(gid, 1);
    assert_int_equal(cb_group_id("12", &gid), 0);
    assert_int_equal(gid, 12);
    assert_int_equal(cb_group_id("no-such-group", &gid), -1);
    assert_int_equal(cb_user_group(13, &gid), 0); /* proxy */
    assert_int_equal(gid, 13);
    assert_int_equal(cb_user_group(4, &gid), 0); /* sync, whose group is nogroup */
    assert_int_equal(gid, 65534);
    assert_int_equal(cb_user_group(STRANGER, &gid), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trust_by_owner_and_mode),
        cmocka_unit_test(open_takes_regular_trusted_files_only),
        cmocka_unit_test(reading_stops_at_the_cap),
        cmocka_unit_test(cache_folder_is_judged),
        cmocka_unit_test(cache_paths),
        cmocka_unit_test(users_are_found_without_nss),
        cmocka_unit_test(groups_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
