#include "common/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The name that sanitizers do not intercept: ThreadSanitizer aborts the program in `clone`. */
extern int __clone(int (*function)(void *), void *stack, int flags, void *argument, ...);

#define STACK_SIZE (256u << 10) /* bytes; a few kB are touched, more under a sanitizer */
#define LOCK_MODE 0600          /* whoever can open the lock can hold it for ever */

/* Shared with the intermediate child, which runs in our memory while we are suspended. */
struct job {
    const struct cb_spawn *what;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    enum cb_spawn_result result;
    int error;
};

/* All 64 signals: the C library's own functions leave out the two that it uses itself. */
static void all_signals(sigset_t *set)
{
    memset(set, 0xff, sizeof *set);
}

static int prepare_attributes(posix_spawnattr_t *attributes)
{
    sigset_t all, none;
    int error;

    all_signals(&all);
    sigemptyset(&none);
    error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF |
                                                     POSIX_SPAWN_SETSIGMASK);
    if (error == 0)
        error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0)
        error = posix_spawnattr_setsigmask(attributes, &none);
    return error;
}

/* The lock is on CB_HELPER_LOCK_FD already when these run. */
static int prepare_actions(posix_spawn_file_actions_t *actions)
{
    int error = posix_spawn_file_actions_addchdir_np(actions, "/");

    for (int fd = 0; error == 0 && fd < CB_HELPER_LOCK_FD; fd++)
        error = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
    if (error == 0)
        error = posix_spawn_file_actions_addclosefrom_np(actions, CB_HELPER_LOCK_FD + 1);
    return error;
}

/* Opens and locks the file as CB_HELPER_LOCK_FD. Raw system calls, because a sanitizer would take
 * this descriptor table, a copy, for the host's. */
static enum cb_spawn_result take_lock(const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    long fd;

    syscall(SYS_umask, S_IRWXG | S_IRWXO);
    syscall(SYS_close, CB_HELPER_LOCK_FD); /* so that a host out of descriptors can start it too */
    fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, LOCK_MODE);
    if (fd < 0)
        return CB_SPAWN_NO_LOCK;
    if (syscall(SYS_fcntl, fd, F_OFD_SETLK, &lock) != 0)
        return errno == EAGAIN || errno == EACCES ? CB_SPAWN_BUSY : CB_SPAWN_NO_LOCK;
    if (fd == CB_HELPER_LOCK_FD ? syscall(SYS_fcntl, fd, F_SETFD, 0) != 0
                                : syscall(SYS_dup3, fd, CB_HELPER_LOCK_FD, 0) < 0)
        return CB_SPAWN_NO_LOCK;
    return CB_SPAWN_STARTED;
}

/* Runs as the intermediate child: the host's memory, but its own descriptors, umask and folder. Its
 * end is announced by no signal, and makes the helper an orphan. It returns rather than calls _exit
 * for AddressSanitizer's sake. */
static int intermediate(void *argument)
{
    struct job *job = argument;
    pid_t pid;

    job->result = take_lock(job->what->lock);
    job->error = errno;
    if (job->result != CB_SPAWN_STARTED)
        return 0;
    job->error = posix_spawn(&pid, job->what->program, &job->actions, &job->attributes,
                             job->what->argv, job->what->envp);
    if (job->error != 0)
        job->result = CB_SPAWN_FAILED;
    return 0;
}

/* No handler of the host may run while the child uses its memory: every signal is blocked, by the
 * system call, since sigprocmask would leave out the C library's two. */
static int clone_and_reap(struct job *job, void *stack)
{
    const uint64_t every = UINT64_MAX;
    uint64_t before;
    int status = 0, error = 0;
    pid_t pid;

    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &every, &before, sizeof every);
    pid = __clone(intermediate, (char *)stack + STACK_SIZE, CLONE_VM | CLONE_VFORK, job);
    if (pid < 0)
        error = errno;
    else
        while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR)
            continue;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
    return error;
}

static int run(struct job *job)
{
    void *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    int error, cancellation;

    if (stack == MAP_FAILED)
        return errno;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancellation);
    error = clone_and_reap(job, stack);
    pthread_setcancelstate(cancellation, &cancellation);
    munmap(stack, STACK_SIZE);
    return error;
}

enum cb_spawn_result cb_spawn(const struct cb_spawn *what)
{
    /* Valgrind makes a fork of it and loses what the child writes: it then counts as started. */
    struct job job = {.what = what, .result = CB_SPAWN_STARTED};
    int error;

    /* The C library's initialisers cannot fail. */
    posix_spawnattr_init(&job.attributes);
    posix_spawn_file_actions_init(&job.actions);
    error = prepare_attributes(&job.attributes);
    if (error == 0)
        error = prepare_actions(&job.actions);
    if (error == 0)
        error = run(&job);
    posix_spawn_file_actions_destroy(&job.actions);
    posix_spawnattr_destroy(&job.attributes);
    errno = error != 0 ? error : job.error;
    return error != 0 ? CB_SPAWN_FAILED : job.result;
}
