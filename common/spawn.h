/* Starting the helper so that the host never notices: docs/architecture.md, "The helper".
 *
 * No zombie, no SIGCHLD, nothing for the host's wait(-1); no inherited descriptors, mask, handlers,
 * ignored signals, working directory, umask or terminal. Works in any thread, after fork, with any
 * amount of memory mapped, in well under a millisecond. */
#ifndef CB_COMMON_SPAWN_H
#define CB_COMMON_SPAWN_H

/* What the helper gets in place of our own environment, and its arguments. */
struct cb_spawn {
    const char *program; /* absolute */
    char *const *argv;   /* NULL-terminated */
    char *const *envp;
    const char *lock; /* lock file, made with mode 0600 when missing; an open-file-description
                            write lock is taken on byte 0 and handed over as descriptor 3 */
};

enum cb_spawn_result {
    CB_SPAWN_STARTED,
    CB_SPAWN_BUSY,    /* somebody holds the lock: a refresh runs already */
    CB_SPAWN_NO_LOCK, /* the lock file cannot be opened: errno says why */
    CB_SPAWN_FAILED   /* the program cannot be started: errno says why */
};

enum cb_spawn_result cb_spawn(const struct cb_spawn *what);

#define CB_HELPER_LOCK_FD 3

#endif
