#include "common/fetch/secret.h"
#include "common/file.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nobody but the owner may write it, others may not even read it. */
#define FORBIDDEN_MODE (S_IWGRP | S_IRWXO)

static int open_file(const char *path, const char *key, struct cb_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd == -1)
        return cb_fail_errno(err, CB_ERR_SECRET, "%s: %s", key, path);
    return fd;
}

static int check(int fd, const char *path, const char *key, mode_t forbidden, struct cb_error *err)
{
    struct stat st;

    if (fstat(fd, &st) == -1)
        return cb_fail_errno(err, CB_ERR_SECRET, "%s: %s", key, path);
    if (!S_ISREG(st.st_mode))
        return cb_fail(err, CB_ERR_SECRET, "%s: %s is not a regular file", key, path);
    if ((st.st_mode & forbidden) != 0)
        return cb_fail(err, CB_ERR_SECRET,
                       "%s: %s has mode %04o, so that %s: chmod %04o it (on a Kubernetes volume "
                       "set defaultMode: 0400)",
                       key, path, st.st_mode & 07777u,
                       (st.st_mode & S_IRWXO) ? "other users have access" : "its group may write",
                       st.st_mode & 0740u);
    return 0;
}

int cb_secret_file_open(const char *path, const char *key, struct cb_error *err)
{
    int fd = open_file(path, key, err);

    if (fd != -1 && check(fd, path, key, FORBIDDEN_MODE, err) == -1) {
        close(fd);
        return -1;
    }
    return fd;
}

int cb_secret_file_check(const char *path, const char *key, struct cb_error *err)
{
    int fd = cb_secret_file_open(path, key, err);

    if (fd == -1)
        return -1;
    close(fd);
    return 0;
}

/* `fd` is closed in every case. */
static int read_all(int fd, const char *path, const char *key, struct cb_buf *out,
                    struct cb_error *err)
{
    int result = cb_file_read(fd, path, out, err);

    close(fd);
    if (result == -1 && err)
        err->code = CB_ERR_SECRET; /* whatever it was, the remedy is there */
    return result == -1 ? cb_fail_in(err, "%s", key) : 0;
}

static int read_file(const char *path, const char *key, struct cb_buf *out, struct cb_error *err)
{
    int fd = cb_secret_file_open(path, key, err);

    return fd == -1 ? -1 : read_all(fd, path, key, out, err);
}

static int read_environment(const char *name, const char *key, struct cb_buf *out,
                            struct cb_error *err)
{
    const char *value = getenv(name);

    if (!value)
        return cb_fail(err, CB_ERR_SECRET, "%s: the environment has no variable %s", key, name);
    if (cb_buf_add_text(out, value) == -1)
        return cb_fail(err, CB_ERR_SECRET, "%s: %s is longer than %d bytes", key, name,
                       CB_SECRET_MAX);
    return 0;
}

/* systemd made this folder for the service alone: modes are its own affair. */
static int read_credential(const char *name, const char *key, struct cb_buf *out,
                           struct cb_error *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char path[CB_FILE_PATH_MAX];
    int fd;

    if (!folder)
        return cb_fail(err, CB_ERR_SECRET,
                       "%s: credential:%s needs CREDENTIALS_DIRECTORY, which systemd sets for a "
                       "service with LoadCredential=%s:...",
                       key, name, name);
    if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return cb_fail(err, CB_ERR_SECRET, "%s: a credential's name has no slash: %s", key, name);
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path)
        return cb_fail(err, CB_ERR_SECRET, "%s: the path of credential:%s is too long", key, name);
    fd = open_file(path, key, err);
    if (fd == -1)
        return -1;
    if (check(fd, path, key, 0, err) == -1) {
        close(fd);
        return -1;
    }
    return read_all(fd, path, key, out, err);
}

static const struct {
    const char *prefix;
    int (*read)(const char *rest, const char *key, struct cb_buf *out, struct cb_error *err);
} kinds[] = {
    {"file:", read_file},
    {"env:", read_environment},
    {"credential:", read_credential},
};

static void drop_newline(struct cb_buf *b)
{
    if (b->n > 0 && b->p[b->n - 1] == '\n')
        b->p[--b->n] = '\0';
}

/* A secret becomes part of a header line: a line end would make two of one. */
static int judge(struct cb_span secret, const char *reference, const char *key,
                 struct cb_error *err)
{
    if (secret.n == 0)
        return cb_fail(err, CB_ERR_SECRET, "%s: %s is empty", key, reference);
    for (size_t i = 0; i < secret.n; i++)
        if (secret.p[i] < 0x20 || secret.p[i] == 0x7F)
            return cb_fail(err, CB_ERR_SECRET,
                           "%s: %s has a control character at byte %zu (more than one line, or "
                           "Windows line ends?)",
                           key, reference, i);
    return 0;
}

int cb_secret_read(const char *reference, const char *key, struct cb_buf *out, struct cb_error *err)
{
    cb_buf_init(out, CB_SECRET_MAX);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i].prefix);
        if (strncmp(reference, kinds[i].prefix, n) != 0)
            continue;
        if (kinds[i].read(reference + n, key, out, err) == -1)
            goto fail;
        drop_newline(out);
        if (judge(cb_buf_span(out), reference, key, err) == -1)
            goto fail;
        return 0;
    }
    cb_fail(err, CB_ERR_SECRET, "%s: a secret is file:PATH, env:NAME or credential:NAME", key);

fail:
    cb_buf_wipe(out);
    return -1;
}
