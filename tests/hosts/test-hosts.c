/* Hosts of every kind: each asks for a snapshot that is missing, is given it, and must not be able
 * to tell that a program was started. The helper must find nothing of the host. */
#include "common/refresh.h"
#include "tests/hosts/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
#define PROCESSES 50 /* each would reserve terabytes */
#else
#define PROCESSES 1000
#endif
#define DESCRIPTORS 5000
#define RESIDENT (2048UL << 20) /* bytes */
#define FORKERS 6

/* ---- What every host checks ---- */

/* Children of this process, dead or alive, whatever the signal of their end. */
static unsigned count_children(void)
{
    DIR *dir = opendir("/proc");
    struct dirent *e;
    unsigned n = 0;

    host_need(dir != NULL, "/proc");
    while ((e = readdir(dir)) != NULL) {
        char path[300], line[1024] = "";
        int parent = 0;
        if (e->d_name[0] < '0' || e->d_name[0] > '9')
            continue;
        snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
        FILE *f = fopen(path, "r");
        if (f == NULL)
            continue;
        if (fgets(line, sizeof line, f) != NULL && strrchr(line, ')') != NULL)
            sscanf(strrchr(line, ')'), ") %*c %d", &parent);
        fclose(f);
        n += parent == getpid();
    }
    closedir(dir);
    return n;
}

static uint64_t signal_mask(void)
{
    uint64_t mask = 0;

    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof mask);
    return mask;
}

/* Takes the snapshot, with `children` of its own before and after. */
static void take_unnoticed(struct host *h, unsigned children)
{
    uint64_t mask = signal_mask();
    struct timespec a, b;

    host_need(count_children() == children, "children before: %u", count_children());
    clock_gettime(CLOCK_MONOTONIC, &a);
    host_need(cb_refresh_start(&h->config, &h->source, NULL) == CB_REFRESH_STARTED, "not started");
    clock_gettime(CLOCK_MONOTONIC, &b);
    fprintf(stderr, "# started in %lld us\n",
            (long long)(b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000);
    host_need(count_children() == children, "children while it runs: %u", count_children());
    host_must_take(h, CB_WAIT, 1);
    host_settle(h);
    host_need(count_children() == children, "children after: %u", count_children());
    host_need(signal_mask() == mask, "the signal mask changed");
    host_need(children > 0 || (waitpid(-1, NULL, WNOHANG | __WALL) < 0 && errno == ECHILD),
              "something to wait for");
}

/* ---- Hosts ---- */

static void plain(struct host *h)
{
    take_unnoticed(h, 0);
}

static atomic_uint signals_seen;

static void count_signal(int number)
{
    (void)number;
    signals_seen++;
}

static void *wait_for_any(void *first)
{
    pid_t pid;

    do
        pid = waitpid(-1, NULL, 0);
    while (pid < 0 && errno == EINTR);
    *(pid_t *)first = pid;
    return NULL;
}

/* The child of its own keeps wait busy, and proves at the end that handler and wait work. */
static void handles_sigchld_and_waits_for_any(struct host *h)
{
    struct sigaction action = {.sa_handler = count_signal};
    pthread_t thread;
    pid_t own, first = 0;

    sigaction(SIGCHLD, &action, NULL);
    own = fork();
    if (own == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pause();
        _exit(0);
    }
    pthread_create(&thread, NULL, wait_for_any, &first);
    take_unnoticed(h, 1);
    host_need(signals_seen == 0, "%u SIGCHLD", signals_seen);
    kill(own, SIGKILL);
    pthread_join(thread, NULL);
    host_need(first == own, "wait gave process %d", (int)first);
    host_need(signals_seen == 1, "%u SIGCHLD after its own child's end", signals_seen);
}

static void ignores_signals(struct host *h)
{
    for (int number = 1; number < NSIG; number++)
        if (number != SIGALRM)
            signal(number, SIG_IGN);
    take_unnoticed(h, 0);
}

static void handles_every_signal(struct host *h)
{
    for (int number = 1; number < NSIG; number++)
        if (number != SIGALRM && number != SIGSEGV && number != SIGBUS && number != SIGABRT)
            signal(number, count_signal);
    take_unnoticed(h, 0);
    host_need(signals_seen == 0, "%u signals", signals_seen);
}

static void blocks_every_signal(struct host *h)
{
    uint64_t every = UINT64_MAX;

    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &every, NULL, sizeof every);
    take_unnoticed(h, 0);
}

static atomic_bool enough;

/* Its children linger, with whatever they inherited. */
static void *fork_and_fork(void *unused)
{
    pid_t children[10];
    int n = 0;

    while (!enough || n == 0) {
        pid_t pid = fork();
        if (pid == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (n < 10)
                pause();
            _exit(0);
        }
        if (pid > 0 && n < 10)
            children[n++] = pid;
        else if (pid > 0)
            waitpid(pid, NULL, 0);
    }
    while (n > 0) {
        kill(children[--n], SIGKILL);
        waitpid(children[n], NULL, 0);
    }
    return unused;
}

/* Starts while others fork, and finds the lock free at the end although their children live. */
static void forks_in_six_threads(struct host *h)
{
    pthread_t threads[FORKERS];

    for (int i = 0; i < FORKERS; i++)
        pthread_create(&threads[i], NULL, fork_and_fork, NULL);
    for (int i = 0; i < 20; i++) {
        unlink(scratch_path(&h->scratch, "cache/people.cdb"));
        cb_live_free(h->live);
        h->live = cb_live_new(&h->config, &h->source);
        host_must_take(h, CB_WAIT, 1);
        host_settle(h);
    }
    enough = true;
    for (int i = 0; i < FORKERS; i++)
        pthread_join(threads[i], NULL);
    host_need(count_children() == 0, "children at the end: %u", count_children());
}

static void *take_and_take(void *argument)
{
    struct host *h = argument;

    while (!enough) {
        struct cb_live *other = cb_live_new(&h->config, &h->source);
        cb_snapshot_unref(cb_live_take(h->live, CB_WAIT_NOT, NULL));
        cb_live_free(other);
    }
    return NULL;
}

/* Children of a host whose threads hold our mutexes at fork. */
static void forks_while_threads_search(struct host *h)
{
    pthread_t threads[FORKERS];

    for (int i = 0; i < FORKERS; i++)
        pthread_create(&threads[i], NULL, take_and_take, h);
    for (int i = 0; i < 50; i++) {
        int status = -1;
        pid_t pid = fork();
        if (pid == 0) {
            struct cb_live *other = cb_live_new(&h->config, &h->source);
            alarm(60);
            host_must_take(h, CB_WAIT, 1);
            cb_live_free(other);
            _exit(0);
        }
        waitpid(pid, &status, 0);
        host_need(status == 0, "child %d ended with status %#x", i, (unsigned)status);
    }
    enough = true;
    for (int i = 0; i < FORKERS; i++)
        pthread_join(threads[i], NULL);
    host_settle(h);
    host_need(count_children() == 0, "children at the end: %u", count_children());
}

static void *take_one(void *argument)
{
    host_must_take(argument, CB_WAIT, 1);
    return NULL;
}

static void waits_in_many_threads(struct host *h)
{
    pthread_t threads[30];

    for (int i = 0; i < 30; i++)
        pthread_create(&threads[i], NULL, take_one, h);
    for (int i = 0; i < 30; i++)
        pthread_join(threads[i], NULL);
    host_settle(h);
}

static void is_a_forked_child(struct host *h)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        take_unnoticed(h, 0);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    host_need(status == 0, "the child ended with status %#x", (unsigned)status);
}

static void has_two_gigabytes_resident(struct host *h)
{
    void *p = mmap(NULL, RESIDENT, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    host_need(p != MAP_FAILED, "mmap: %s", strerror(errno));
    take_unnoticed(h, 0);
}

/* Up to `most` in all, none of them close-on-exec. */
static void open_descriptors(rlim_t most)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    while (dup(2) >= 0)
        continue;
    host_need(errno == EMFILE, "dup: %s", strerror(errno));
}

static void has_many_descriptors(struct host *h)
{
    open_descriptors(DESCRIPTORS);
    for (int fd = DESCRIPTORS - 10; fd < DESCRIPTORS; fd++)
        close(fd);
    take_unnoticed(h, 0);
}

/* It cannot read a snapshot, but it can start a refresh. */
static void is_out_of_descriptors(struct host *h)
{
    open_descriptors(DESCRIPTORS);
    host_need(cb_refresh_start(&h->config, &h->source, NULL) == CB_REFRESH_STARTED, "not started");
    for (int fd = DESCRIPTORS - 10; fd < DESCRIPTORS; fd++)
        close(fd);
    host_must_take(h, CB_WAIT, 1);
    host_settle(h);
}

static void has_closed_its_first_descriptors(struct host *h)
{
    int error = dup(2);

    for (int fd = 0; fd < 4; fd++)
        if (fd != error)
            close(fd);
    take_unnoticed(h, 0);
}

/* A session with a terminal, a folder, a umask and an environment that must not be handed on. */
static void has_a_terminal_and_poison(struct host *h)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);

    host_need(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0, "no terminal");
    setsid();
    host_need(open(ptsname(master), O_RDWR) >= 0, "%s", strerror(errno));
    host_need(chdir(h->scratch.folder) == 0, "chdir");
    setenv("LD_LIBRARY_PATH", "/nonexistent", 1);
    setenv("OPENSSL_CONF", "/nonexistent", 1);
    setenv("SSL_CERT_DIR", "certbridge://people", 1);
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    umask(0);
    take_unnoticed(h, 0);
}

static void is_one_of_many_processes(struct host *h)
{
    atomic_uint *gate =
        mmap(NULL, sizeof *gate, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    host_need(gate != MAP_FAILED, "mmap");
    for (int i = 0; i < PROCESSES; i++) {
        pid_t pid = fork();
        host_need(pid >= 0, "fork: %s", strerror(errno));
        if (pid > 0)
            continue;
        while (*gate == 0)
            usleep(1000);
        host_must_take(h, CB_WAIT, 1);
        _exit(0);
    }
    *gate = 1;
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        host_need(wait(&status) > 0 && status == 0, "a process ended with status %#x",
                  (unsigned)status);
    }
    host_settle(h);
}

/* ---- What the helper found ---- */

static const char *const found[] = {
    "cwd /\n",
    "umask 0077\n",
    "session own\n",
    "terminal 0\n",
    "lock held\n",
    "descriptor 0=/dev/null\n",
    "descriptor 1=/dev/null\n",
    "descriptor 2=/dev/null\n",
    "/cache/people.lock\n",
    "SigBlk 0000000000000000\n",
    "SigIgn 0000000000000000\n",
    "env CERTBRIDGE_REFRESHING=1\n",
};

static const char *const not_found[] = {
    "env LD_", "env OPENSSL_", "env SSL_CERT_", "env https_proxy", "env CERTBRIDGE_HELPER",
};

static unsigned count(const char *text, const char *part)
{
    unsigned n = 0;

    for (const char *p = text; (p = strstr(p, part)) != NULL; p++)
        n++;
    return n;
}

static void check_records(struct host *h)
{
    char *text = host_records(h);
    unsigned helpers = host_started(h);

    assert_non_null(text);
    assert_true(helpers >= 1);
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        if (count(text, found[i]) != helpers)
            fail_msg("not %u of \"%s\" in:\n%s", helpers, found[i], text);
    }
    for (size_t i = 0; i < sizeof not_found / sizeof *not_found; i++)
        if (count(text, not_found[i]) != 0)
            fail_msg("\"%s\" in:\n%s", not_found[i], text);
    if (count(text, "\ndescriptor ") != 4 * helpers)
        fail_msg("other descriptors than 0 to 3:\n%s", text);
    free(text);
}

#define HOST(name, refreshes)                                                                      \
    {                                                                                              \
#name, name, refreshes                                                                     \
    }
static const struct row {
    const char *name;
    void (*play)(struct host *h);
    unsigned refreshes;
} rows[] = {
    HOST(plain, 1),
    HOST(handles_sigchld_and_waits_for_any, 1),
    HOST(ignores_signals, 1),
    HOST(handles_every_signal, 1),
    HOST(blocks_every_signal, 1),
    HOST(forks_in_six_threads, 20),
    HOST(forks_while_threads_search, 1),
    HOST(waits_in_many_threads, 1),
    HOST(is_a_forked_child, 1),
    HOST(has_two_gigabytes_resident, 1),
    HOST(has_many_descriptors, 1),
    HOST(is_out_of_descriptors, 1),
    HOST(has_closed_its_first_descriptors, 1),
    HOST(has_a_terminal_and_poison, 1),
    HOST(is_one_of_many_processes, 1),
};
#define ROWS (sizeof rows / sizeof *rows)

static void play(void **state)
{
    const struct row *row = *state;
    struct host h;

    host_init(&h, "unless-fresh\nsleep 100\nsnapshot\n");
    int status = host_run(row->play, &h);
    host_settle(&h);
    assert_int_equal(status, 0);
    print_message("# %u helpers\n", host_started(&h));
    assert_int_equal(host_refreshed(&h), row->refreshes);
    check_records(&h);
    host_clear(&h);
}

/* With an argument only the hosts whose names match it ("*" and "?" stand for others). */
int main(int argc, char **argv)
{
    struct CMUnitTest tests[ROWS] = {{.name = NULL}};

    for (size_t i = 0; i < ROWS; i++)
        tests[i] = (struct CMUnitTest){rows[i].name, play, NULL, NULL, (void *)(uintptr_t)&rows[i]};
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
