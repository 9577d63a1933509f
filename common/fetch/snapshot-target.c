#include "common/fetch/snapshot-target.h"
#include "common/snapshot.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RANDOM_PART "XXXXXX"

/* The folder's path into `out`, and the file's name. */
static const char *split(const char *path, char out[CB_FILE_PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        memcpy(out, ".", 2);
        return path;
    }
    size_t n = slash == path ? 1 : (size_t)(slash - path);
    memcpy(out, path, n);
    out[n] = 0;
    return slash + 1;
}

static void remove_leftovers(const char *folder, const char *name)
{
    DIR *d = opendir(folder);
    size_t n = strlen(name);
    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] == '.' && strncmp(e->d_name + 1, name, n) == 0 &&
            e->d_name[1 + n] == '.' && strlen(e->d_name + 1 + n) == 1 + strlen(RANDOM_PART))
            (void)unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
}

int cb_target_create(struct cb_target *t, const char *path, mode_t mode, gid_t group,
                     struct cb_error *err)
{
    char folder[CB_FILE_PATH_MAX];
    *t = (struct cb_target){.mode = mode, .group = group, .fd = -1};
    if (strlen(path) + sizeof "/.." RANDOM_PART > sizeof t->path)
        return cb_fail(err, CB_ERR_LIMIT, "the snapshot's path is too long");
    const char *name = split(path, folder);
    remove_leftovers(folder, name);
    (void)snprintf(t->path, sizeof t->path, "%s", path);
    (void)snprintf(t->temporary, sizeof t->temporary, "%.*s.%s." RANDOM_PART, (int)(name - path),
                   path, name);
    t->fd = mkostemp(t->temporary, O_CLOEXEC | O_NOFOLLOW);
    if (t->fd < 0) {
        t->temporary[0] = 0;
        return cb_fail_errno(err, CB_ERR_SYSTEM, "cannot create a file in %s", folder);
    }
    if (group != (gid_t)-1 && fchown(t->fd, (uid_t)-1, group) != 0)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "cannot give %s to group %ju", t->temporary,
                             (uintmax_t)group);
    if (fchmod(t->fd, mode) != 0)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "cannot set the mode of %s", t->temporary);
    return 0;
}

static int sync_folder(const char *path, struct cb_error *err)
{
    char folder[CB_FILE_PATH_MAX];
    (void)split(path, folder);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd < 0 || fsync(fd) != 0
                     ? cb_fail_errno(err, CB_ERR_SYSTEM, "cannot sync %s to disk", folder)
                     : 0;
    if (fd >= 0)
        close(fd);
    return result;
}

int cb_target_commit(struct cb_target *t, struct cb_error *err)
{
    if (fsync(t->fd) != 0)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "cannot sync %s to disk", t->temporary);
    int closed = close(t->fd);
    t->fd = -1;
    if (closed != 0)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "cannot write %s", t->temporary);
    if (rename(t->temporary, t->path) != 0)
        return cb_fail_errno(err, CB_ERR_SYSTEM, "cannot rename %s to %s", t->temporary, t->path);
    t->temporary[0] = 0;
    return sync_folder(t->path, err);
}

/* An old file that damage has reached would otherwise be kept for ever. */
static bool whole(const struct cb_snapshot *s)
{
    struct cb_ids ids = cb_snapshot_listing(s);
    struct cb_object o;
    for (uint32_t i = 0; i < ids.n; i++)
        if (cb_snapshot_object(s, cb_ids_at(ids, i), &o, NULL) != 0)
            return false;
    return true;
}

static bool holds(int fd, uint64_t identity, const uint8_t digest[32])
{
    struct cb_snapshot *s = NULL;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0 || cb_snapshot_map(copy, &s, NULL) != 0)
        return false;
    const struct cb_snapshot_facts *facts = cb_snapshot_facts(s);
    bool result = facts->identity == identity &&
                  memcmp(facts->digest, digest, sizeof facts->digest) == 0 && whole(s);
    cb_snapshot_unref(s);
    return result;
}

bool cb_target_keep(const struct cb_target *t, uint64_t identity, const uint8_t digest[32])
{
    struct stat st, ours;
    int fd = cb_file_open_trusted(t->path, (uid_t)-1, &st, NULL);
    if (fd < 0)
        return false;
    bool kept = fstat(t->fd, &ours) == 0 && st.st_mode == ours.st_mode &&
                st.st_gid == ours.st_gid && st.st_uid == ours.st_uid &&
                holds(fd, identity, digest) && futimens(fd, NULL) == 0;
    close(fd);
    return kept;
}

void cb_target_clear(struct cb_target *t)
{
    if (t->temporary[0])
        (void)unlink(t->temporary);
    t->temporary[0] = 0;
    if (t->fd >= 0)
        close(t->fd);
    t->fd = -1;
}
