#include "common/forked.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

/* The list changes by one store at a time, so that a child finds it whole although another thread
 * was changing it. The mutex keeps the changers apart. */
static struct cb_forked *_Atomic first;
static pthread_mutex_t changing = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int registered = -1;

static void in_child(void)
{
    pthread_mutex_init(&changing, NULL);
    for (struct cb_forked *f = first; f != NULL; f = f->next)
        f->child(f);
}

static void register_once(void)
{
    registered = pthread_atfork(NULL, NULL, in_child);
}

int cb_forked_add(struct cb_forked *f)
{
    pthread_once(&once, register_once);
    if (registered != 0)
        return -1;
    pthread_mutex_lock(&changing);
    f->next = first;
    first = f;
    pthread_mutex_unlock(&changing);
    return 0;
}

void cb_forked_remove(struct cb_forked *f)
{
    pthread_mutex_lock(&changing);
    if (first == f)
        first = f->next;
    else
        for (struct cb_forked *g = first; g != NULL; g = g->next)
            if (g->next == f) {
                g->next = f->next;
                break;
            }
    pthread_mutex_unlock(&changing);
}
