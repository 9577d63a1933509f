#include "common/config-build.h"
#include "common/file.h"
#include "common/ini.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Opens, judges, reads and parses one file. CB_ERR_NOT_FOUND when it does not exist. */
static int load_file(const char *path, struct cb_config **out, struct cb_error *err)
{
    struct stat st;
    struct cb_buf text;
    cb_buf_init(&text, CB_INI_FILE_MAX);
    int result = -1;
    int fd = cb_file_open_trusted(path, (uid_t)-1, &st, err);
    if (fd < 0)
        goto out;
    if (st.st_size > (off_t)CB_INI_FILE_MAX) {
        cb_fail(err, CB_ERR_CONFIG, "%s: larger than %u bytes", path, CB_INI_FILE_MAX);
        goto out;
    }
    if (cb_file_read(fd, path, &text, err))
        goto out;
    const struct cb_config_origin origin = {
        .path = path,
        .owner = st.st_uid,
        .mtime_ns = cb_mtime_ns(&st),
    };
    result = cb_config_build(cb_buf_span(&text), &origin, out, err);
out:
    if (fd >= 0)
        close(fd);
    cb_buf_clear(&text);
    return result;
}

/* Whatever is wrong with the file, for a caller it is the configuration that is wrong. */
static int fail_as_config(struct cb_error *err)
{
    if (err && err->code != CB_ERR_MEMORY)
        err->code = CB_ERR_CONFIG;
    return -1;
}

static int make_absolute(const char *path, char out[CB_FILE_PATH_MAX], struct cb_error *err)
{
    size_t n = 0;
    out[0] = '\0';
    if (path[0] != '/') {
        if (!getcwd(out, CB_FILE_PATH_MAX))
            return cb_fail_errno(err, CB_ERR_CONFIG, "%s: working directory", path);
        n = strlen(out);
    }
    int added = snprintf(out + n, CB_FILE_PATH_MAX - n, "%s%s", n ? "/" : "", path);
    if (added < 0 || (size_t)added >= CB_FILE_PATH_MAX - n)
        return cb_fail(err, CB_ERR_CONFIG, "the configuration's path is longer than %d bytes",
                       CB_FILE_PATH_MAX);
    return 0;
}

static int load_given(const char *path, const char *giver, struct cb_config **out,
                      struct cb_error *err)
{
    char absolute[CB_FILE_PATH_MAX];
    if (path[0] == '\0')
        return cb_fail(err, CB_ERR_CONFIG, "%s names no file", giver);
    if (make_absolute(path, absolute, err))
        return -1;
    if (load_file(absolute, out, err) == 0)
        return 0;
    if (err && err->code == CB_ERR_NOT_FOUND)
        return cb_fail(err, CB_ERR_CONFIG, "configuration %s, named by %s, does not exist",
                       absolute, giver);
    return fail_as_config(err);
}

/* The user's own file; "" when there cannot be one. A relative XDG_CONFIG_HOME does not count (XDG
 * Base Directory Specification). */
static void user_path(char out[CB_FILE_PATH_MAX])
{
    out[0] = '\0';
    if (geteuid() == 0)
        return;
    const char *folder = secure_getenv("XDG_CONFIG_HOME");
    const char *middle = "";
    if (!folder || folder[0] != '/') {
        folder = secure_getenv("HOME");
        middle = "/.config";
    }
    if (!folder || folder[0] != '/')
        return;
    int n = snprintf(out, CB_FILE_PATH_MAX, "%s%s/certbridge/certbridge.conf", folder, middle);
    if (n < 0 || n >= CB_FILE_PATH_MAX)
        out[0] = '\0';
}

/* A daemon often keeps the HOME of whoever started it: what lies in a folder that it may not enter
 * does not exist for it. */
static bool is_absent(const char *path, enum cb_error_code code)
{
    if (code == CB_ERR_NOT_FOUND)
        return true;
    return code == CB_ERR_SYSTEM && faccessat(AT_FDCWD, path, F_OK, AT_EACCESS) != 0;
}

static int load_first_that_exists(struct cb_config **out, struct cb_error *err)
{
    static const char system_path[] = CB_SYSCONFDIR "/certbridge/certbridge.conf";
    char own[CB_FILE_PATH_MAX];
    const char *const paths[] = {own, system_path};
    user_path(own);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct cb_error why = {0};
        if (paths[i][0] == '\0')
            continue;
        if (load_file(paths[i], out, &why) == 0)
            return 0;
        if (is_absent(paths[i], why.code))
            continue;
        if (err)
            *err = why;
        return fail_as_config(err);
    }
    return cb_fail(err, CB_ERR_CONFIG,
                   "no configuration: tried %s%s%s; write one (certbridge.conf(5)), or name it by "
                   "config=PATH or CERTBRIDGE_CONF",
                   own, own[0] ? " and " : "", system_path);
}

int cb_config_load(const char *given, struct cb_config **out, struct cb_error *err)
{
    struct cb_error unused = {0};
    if (!err)
        err = &unused;
    *out = NULL;
    if (given)
        return load_given(given, "config=PATH", out, err);
    const char *variable = secure_getenv("CERTBRIDGE_CONF");
    if (variable && *variable)
        return load_given(variable, "CERTBRIDGE_CONF", out, err);
    return load_first_that_exists(out, err);
}
