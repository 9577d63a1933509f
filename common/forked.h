/* What must happen in a forked child before it uses what it inherited: a mutex that another thread
 * held at fork is held for ever there.
 *
 * There is no handler before fork: it would have to wait for our mutexes, and so make the host's
 * fork wait for us. vfork, clone and _Fork run no handler, but their children only exec. */
#ifndef CB_COMMON_FORKED_H
#define CB_COMMON_FORKED_H

struct cb_forked {
    /* Runs in the child, in its only thread, before fork returns; async-signal-safe functions and
     * pthread_mutex_init only. */
    void (*child)(struct cb_forked *self);
    struct cb_forked *next; /* of the registry */
};

/* The member must stay where it is until it is removed. Any thread, any time. -1: no memory. */
int cb_forked_add(struct cb_forked *f);
void cb_forked_remove(struct cb_forked *f);

#endif
