#include "common/users.h"

#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define USERS "/etc/passwd"
#define GROUPS "/etc/group"
#define FILE_MAX (4u << 20) /* bytes: 40 000 users */

static int read_file(const char *path, struct cb_buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int result = -1;

    cb_buf_init(out, FILE_MAX);
    if (fd >= 0) {
        result = cb_file_read(fd, path, out, NULL);
        close(fd);
    }
    return result;
}

/* Decimal digits and nothing else. (uid_t)-1 means "nobody in particular" to the kernel, and ids of
 * users and groups are of one size. */
static int parse_id(const char *text, char end, id_t *id)
{
    char *stop;

    if (*text < '0' || *text > '9')
        return -1;
    errno = 0;
    unsigned long n = strtoul(text, &stop, 10);
    if (errno != 0 || *stop != end || n >= (id_t)-1)
        return -1;
    *id = (id_t)n;
    return 0;
}

struct entry {
    char name[CB_USER_NAME_MAX];
    id_t id;
};

/* name:password:id:REST */
static int parse_line(const char *line, struct entry *out, const char **rest)
{
    const char *password = strchr(line, ':');
    const char *id = password != NULL ? strchr(password + 1, ':') : NULL;
    size_t n = password != NULL ? (size_t)(password - line) : 0;

    if (id == NULL || n == 0 || n >= sizeof out->name || parse_id(id + 1, ':', &out->id) != 0)
        return -1;
    memcpy(out->name, line, n);
    out->name[n] = '\0';
    *rest = strchr(id + 1, ':') + 1;
    return 0;
}

/* The first entry with this name, or with this id when `name` is NULL. `group` may be NULL; else
 * the field after the id goes there. */
static int find(const char *path, const char *name, id_t id, struct entry *out, gid_t *group)
{
    struct cb_buf text;
    char *copy = NULL, *lines, *line;
    const char *rest;
    int result = -1;

    if (read_file(path, &text) == 0)
        copy = cb_buf_take(&text);
    cb_buf_clear(&text);
    lines = copy;
    while (result != 0 && (line = strsep(&lines, "\n")) != NULL)
        if (parse_line(line, out, &rest) == 0 &&
            (name != NULL ? strcmp(out->name, name) == 0 : out->id == id))
            result = group == NULL ? 0 : parse_id(rest, ':', group);
    free(copy);
    return result;
}

static int id_of(const char *path, const char *name, id_t *id)
{
    struct entry found;

    if (parse_id(name, '\0', id) == 0)
        return 0;
    if (find(path, name, 0, &found, NULL) != 0)
        return -1;
    *id = found.id;
    return 0;
}

int cb_user_id(const char *name, uid_t *uid)
{
    return id_of(USERS, name, uid);
}

int cb_group_id(const char *name, gid_t *gid)
{
    return id_of(GROUPS, name, gid);
}

const char *cb_user_name(uid_t uid, char out[CB_USER_NAME_MAX])
{
    struct entry found;

    if (find(USERS, NULL, uid, &found, NULL) == 0)
        memcpy(out, found.name, sizeof found.name);
    else
        snprintf(out, CB_USER_NAME_MAX, "%lu", (unsigned long)uid);
    return out;
}

int cb_user_group(uid_t uid, gid_t *gid)
{
    struct entry found;

    return find(USERS, NULL, uid, &found, gid);
}
