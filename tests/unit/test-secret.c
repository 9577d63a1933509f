/* Secrets: where they may come from, what is refused, and that no error shows them. */
#include "common/fetch/secret.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static char folder[] = "/tmp/certbridge-test-secret-XXXXXX";
static char file[64], link_to_file[64], fifo[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(file, sizeof file, "%s/secret", folder);
    snprintf(link_to_file, sizeof link_to_file, "%s/link", folder);
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    return symlink("secret", link_to_file) || mkfifo(fifo, 0600);
}

static int drop_folder(void **state)
{
    (void)state;
    return unlink(file) || unlink(link_to_file) || unlink(fifo) || rmdir(folder);
}

static void write_file(const char *content, size_t n, mode_t mode)
{
    /* The one before may be closed to its owner. */
    unlink(file);
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    assert_int_not_equal(fd, -1);
    assert_int_equal(write(fd, content, n), n);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void expect_secret(const char *reference, const char *content, const char *error)
{
    struct cb_buf out;
    struct cb_error err;

    cb_error_clear(&err);
    if (cb_secret_read(reference, "api_key", &out, &err) == 0) {
        assert_null(error);
        assert_string_equal(cb_buf_text(&out), content);
    } else {
        if (!error || !strstr(err.text, error))
            fail_msg("%s: \"%s\" instead of \"%s\"", reference, err.text, error ? error : "");
        assert_int_equal(err.code, CB_ERR_SECRET);
        assert_memory_equal(err.text, "api_key: ", 9);
        assert_null(strstr(err.text, "geheim"));
        assert_null(out.p);
    }
    cb_buf_wipe(&out);
}

static const struct {
    const char *content, *secret, *error;
} contents[] = {
    {"geheim", "geheim", NULL},
    {"geheim\n", "geheim", NULL},
    {" geheim ", " geheim ", NULL},
    {"geh\xC3\xA9im", "geh\xC3\xA9im", NULL},
    {"", NULL, "is empty"},
    {"\n", NULL, "is empty"},
    {"geheim\n\n", NULL, "control character at byte 6"},
    {"geheim\r\n", NULL, "control character at byte 6"},
    {"geheim\nX-Other: 1", NULL, "control character at byte 6"},
    {"geheim\tx", NULL, "control character at byte 6"},
    {"geheim\x7F", NULL, "control character at byte 6"},
};

static void judges_contents(void **state)
{
    char reference[80];

    (void)state;
    snprintf(reference, sizeof reference, "file:%s", file);
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        write_file(contents[i].content, strlen(contents[i].content), 0600);
        expect_secret(reference, contents[i].secret, contents[i].error);
    }
    write_file("geheim\0x", 8, 0600);
    expect_secret(reference, NULL, "control character at byte 6");
}

static const struct {
    mode_t mode;
    const char *error;
} modes[] = {
    {0600, NULL},
    {0400, NULL},
    {0440, NULL},
    {0640, NULL},
    {0700, NULL},
    {0660, "its group may write: chmod 0640"},
    {0644, "other users have access: chmod 0640"},
    {0604, "other users have access"},
    {0602, "other users have access"},
    {0601, "other users have access"},
    {0444, "defaultMode: 0400"},
};

static void judges_modes(void **state)
{
    char direct[80], linked[80];
    struct cb_error err;

    (void)state;
    snprintf(direct, sizeof direct, "file:%s", file);
    snprintf(linked, sizeof linked, "file:%s", link_to_file);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        write_file("geheim", 6, modes[i].mode);
        expect_secret(direct, "geheim", modes[i].error);
        expect_secret(linked, "geheim", modes[i].error);
        int checked = cb_secret_file_check(file, "client_key", &err);
        assert_int_equal(checked, modes[i].error ? -1 : 0);
    }
}

static void refuses_what_is_no_secret_file(void **state)
{
    char reference[80], *large = malloc(CB_SECRET_MAX + 2);

    (void)state;
    snprintf(reference, sizeof reference, "file:%s", file);
    memset(large, 'x', CB_SECRET_MAX + 1);
    write_file(large, CB_SECRET_MAX + 1, 0600);
    expect_secret(reference, NULL, file);
    large[CB_SECRET_MAX] = '\0';
    write_file(large, CB_SECRET_MAX, 0600);
    expect_secret(reference, large, NULL);
    free(large);
    snprintf(reference, sizeof reference, "file:%s", folder);
    expect_secret(reference, NULL, "not a regular file");
    snprintf(reference, sizeof reference, "file:%s", fifo);
    expect_secret(reference, NULL, "not a regular file");
    expect_secret("file:/nonexistent", NULL, "/nonexistent: No such file");
    expect_secret("geheim", NULL, "a secret is file:PATH, env:NAME or credential:NAME");
}

static void reads_the_environment(void **state)
{
    (void)state;
    setenv("CB_TEST_SECRET", "geheim\n", 1);
    expect_secret("env:CB_TEST_SECRET", "geheim", NULL);
    setenv("CB_TEST_SECRET", "", 1);
    expect_secret("env:CB_TEST_SECRET", NULL, "is empty");
    unsetenv("CB_TEST_SECRET");
    expect_secret("env:CB_TEST_SECRET", NULL, "no variable CB_TEST_SECRET");
}

/* The folder is the service's own, so its modes are not judged. */
static void reads_credentials(void **state)
{
    (void)state;
    unsetenv("CREDENTIALS_DIRECTORY");
    expect_secret("credential:secret", NULL, "LoadCredential=secret");
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    write_file("geheim\n", 7, 0444);
    expect_secret("credential:secret", "geheim", NULL);
    expect_secret("credential:other", NULL, "No such file");
    expect_secret("credential:../secret", NULL, "has no slash");
    expect_secret("credential:..", NULL, "has no slash");
    unsetenv("CREDENTIALS_DIRECTORY");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_contents),
        cmocka_unit_test(judges_modes),
        cmocka_unit_test(refuses_what_is_no_secret_file),
        cmocka_unit_test(reads_the_environment),
        cmocka_unit_test(reads_credentials),
    };
    return cmocka_run_group_tests_name("secret", tests, make_folder, drop_folder);
}
