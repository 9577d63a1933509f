#include "common/fetch/privileges.h"

#include "common/users.h"
#include <errno.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

bool cb_privileges_too_many(const struct cb_config *config, uid_t *owner)
{
    struct stat st;

    if (geteuid() != 0 || stat(config->cache, &st) == -1)
        return false;
    *owner = st.st_uid;
    return st.st_uid != 0;
}

static int group_of(const struct cb_config *config, uid_t owner, gid_t *gid)
{
    struct stat st;

    if (cb_user_group(owner, gid) == 0)
        return 0;
    if (stat(config->cache, &st) == -1)
        return -1;
    *gid = st.st_gid;
    return 0;
}

/* Nothing but an empty file of root's own with one name: another name could be any file of the
 * system. */
static int hand_over(int fd, uid_t owner, gid_t group)
{
    struct stat st;

    if (fd == -1)
        return 0;
    if (fstat(fd, &st) == -1)
        return -1;
    if (st.st_uid != 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1 || st.st_size != 0)
        return 0;
    return fchown(fd, owner, group);
}

static bool all_gone(uid_t owner, gid_t group)
{
    uid_t r, e, s;
    gid_t rg, eg, sg;

    return getresuid(&r, &e, &s) == 0 && r == owner && e == owner && s == owner &&
           getresgid(&rg, &eg, &sg) == 0 && rg == group && eg == group && sg == group &&
           setuid(0) == -1;
}

int cb_privileges_drop(const struct cb_config *config, uid_t owner,
                       const struct cb_cache_modes *modes, int fd, struct cb_error *err)
{
    size_t extra = modes->group != (gid_t)-1;
    gid_t group = 0;

    if (group_of(config, owner, &group) == -1 || hand_over(fd, owner, group) == -1 ||
        setgroups(extra, &modes->group) == -1 || setresgid(group, group, group) == -1 ||
        setresuid(owner, owner, owner) == -1)
        return cb_fail_errno(err, CB_ERR_SYSTEM,
                             "becoming user %u, the owner of the cache folder %s", (unsigned)owner,
                             config->cache);
    if (!all_gone(owner, group))
        return cb_fail(err, CB_ERR_SYSTEM,
                       "becoming user %u, the owner of the cache folder %s: some rights of root "
                       "are left",
                       (unsigned)owner, config->cache);
    prctl(PR_SET_DUMPABLE, 0); /* the process still holds secrets that this user may not read */
    return 0;
}
