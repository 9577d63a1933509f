#include "common/users.h"

#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PASSWD_MAX (4u << 20) /* bytes: 40 000 users */

static int read_passwd(struct cb_buf *out)
{
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int result = -1;

    cb_buf_init(out, PASSWD_MAX);
    if (fd >= 0) {
        result = cb_file_read(fd, "/etc/passwd", out, NULL);
        close(fd);
    }
    return result;
}

/* Decimal digits and nothing else. (uid_t)-1 means "nobody in particular" to the kernel. */
static int parse_id(const char *text, char end, uid_t *id)
{
    char *stop;

    if (*text < '0' || *text > '9')
        return -1;
    errno = 0;
    unsigned long n = strtoul(text, &stop, 10);
    if (errno != 0 || *stop != end || n >= (uid_t)-1)
        return -1;
    *id = (uid_t)n;
    return 0;
}

/* name:password:uid:... */
static int parse_line(char *line, const char **name, uid_t *uid)
{
    char *password = strchr(line, ':');
    char *id = password != NULL ? strchr(password + 1, ':') : NULL;

    if (id == NULL || password == line)
        return -1;
    *password = '\0';
    *name = line;
    return parse_id(id + 1, ':', uid);
}

/* The first entry with this name, or with this uid when `want_name` is NULL. */
static int find(const char *want_name, uid_t want_uid, char *name_out, uid_t *uid_out)
{
    struct cb_buf text;
    char *copy = NULL, *rest, *line;
    int result = -1;

    if (read_passwd(&text) == 0)
        copy = cb_buf_take(&text);
    cb_buf_clear(&text);
    rest = copy;
    while (result != 0 && (line = strsep(&rest, "\n")) != NULL) {
        const char *name;
        uid_t uid;
        if (parse_line(line, &name, &uid) != 0 || strlen(name) >= CB_USER_NAME_MAX)
            continue;
        if (want_name != NULL ? strcmp(name, want_name) != 0 : uid != want_uid)
            continue;
        memcpy(name_out, name, strlen(name) + 1);
        *uid_out = uid;
        result = 0;
    }
    free(copy);
    return result;
}

int cb_user_id(const char *name, uid_t *uid)
{
    char found[CB_USER_NAME_MAX];

    if (parse_id(name, '\0', uid) == 0)
        return 0;
    return find(name, 0, found, uid);
}

const char *cb_user_name(uid_t uid, char out[CB_USER_NAME_MAX])
{
    uid_t found;

    if (find(NULL, uid, out, &found) != 0)
        snprintf(out, CB_USER_NAME_MAX, "%lu", (unsigned long)uid);
    return out;
}
