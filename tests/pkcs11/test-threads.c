/* Threads that share the module, and children that inherit it. */
#include "tests/pkcs11/harness.h"
#include "tests/pkcs11/world.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, ROUNDS = 200, CHILDREN = 20 };

static atomic_int failures;

/* cmocka's assertions must not leave another thread. */
#define EXPECT(condition) ((void)((condition) || atomic_fetch_add(&failures, 1)))

static void read_all(CK_SESSION_HANDLE s, const CK_OBJECT_HANDLE *found, CK_ULONG n)
{
    for (CK_ULONG i = 0; i < n; i++) {
        CK_BYTE value[8192];
        CK_ATTRIBUTE t[] = {{CKA_LABEL, value, sizeof value}, {CKA_VALUE, value, sizeof value}};
        EXPECT(p11->C_GetAttributeValue(s, found[i], t, 2) == CKR_OK);
    }
}

static void search_once(CK_SLOT_ID slot)
{
    CK_OBJECT_HANDLE found[64];
    CK_SESSION_HANDLE s;
    CK_ULONG n = 0;
    EXPECT(p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &s) == CKR_OK);
    EXPECT(p11->C_FindObjectsInit(s, NULL, 0) == CKR_OK);
    EXPECT(p11->C_FindObjects(s, found, 64, &n) == CKR_OK);
    EXPECT(n > 0);
    read_all(s, found, n);
    EXPECT(p11->C_FindObjectsFinal(s) == CKR_OK);
    EXPECT(p11->C_CloseSession(s) == CKR_OK);
}

static void *search(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++)
        search_once(i % 2 ? PEOPLE : ROOTS);
    return NULL;
}

static void in_threads(void *(*run)(void *), void *arg)
{
    pthread_t threads[THREADS];
    atomic_store(&failures, 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run, arg), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&failures), 0);
}

static void threads_have_sessions(void **state)
{
    (void)state;
    in_threads(search, NULL);
}

/* All use one session, which nobody promised to keep in order: any answer but a crash will do. */
static void *share(void *arg)
{
    CK_SESSION_HANDLE s = *(CK_SESSION_HANDLE *)arg;
    CK_OBJECT_HANDLE found[4];
    CK_ULONG n;
    for (int i = 0; i < ROUNDS; i++) {
        CK_BYTE value[8192];
        CK_ATTRIBUTE t = {CKA_VALUE, value, sizeof value};
        p11->C_FindObjectsInit(s, NULL, 0);
        if (p11->C_FindObjects(s, found, 4, &n) == CKR_OK && n)
            p11->C_GetAttributeValue(s, found[0], &t, 1);
        p11->C_FindObjectsFinal(s);
    }
    return NULL;
}

static void threads_share_a_session(void **state)
{
    CK_SESSION_HANDLE s = open_session(PEOPLE);
    (void)state;
    in_threads(share, &s);
}

/* Finalizing while others work is a host's mistake; it must not end the host. */
static void *restart(void *arg)
{
    CK_SESSION_HANDLE s;
    CK_OBJECT_HANDLE found[4];
    CK_ULONG n;
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        if (p11->C_OpenSession(PEOPLE, CKF_SERIAL_SESSION, NULL, NULL, &s) == CKR_OK &&
            p11->C_FindObjectsInit(s, NULL, 0) == CKR_OK)
            p11->C_FindObjects(s, found, 4, &n);
        if (i % 8 == 0)
            p11->C_Finalize(NULL);
        module_start(NULL);
    }
    return NULL;
}

static void threads_finalize(void **state)
{
    (void)state;
    in_threads(restart, NULL);
}

/* 0 when the child found the module as it should. */
static int child(void)
{
    CK_INFO info;
    CK_SESSION_HANDLE s;
    if (p11->C_GetInfo(&info) != CKR_CRYPTOKI_NOT_INITIALIZED)
        return 1;
    if (p11->C_OpenSession(PEOPLE, CKF_SERIAL_SESSION, NULL, NULL, &s) !=
        CKR_CRYPTOKI_NOT_INITIALIZED)
        return 2;
    if (module_start(NULL) != 0)
        return 3;
    atomic_store(&failures, 0);
    search_once(PEOPLE);
    if (atomic_load(&failures))
        return 4;
    return module_stop(NULL) == 0 ? 0 : 5;
}

static void fork_once(void)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(child());
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    assert_int_equal(status, 0);
}

static void children_begin_anew(void **state)
{
    CK_SESSION_HANDLE s = open_session(PEOPLE);
    CK_SESSION_INFO info;
    (void)state;
    fork_once();
    assert_int_equal(p11->C_GetSessionInfo(s, &info), CKR_OK);
}

static atomic_bool stop;

static void *search_until_stopped(void *arg)
{
    (void)arg;
    while (!atomic_load(&stop))
        search_once(PEOPLE);
    return NULL;
}

/* Some child is born while a thread holds a lock. */
static void children_of_threads(void **state)
{
    pthread_t thread[2];
    (void)state;
    atomic_store(&failures, 0);
    atomic_store(&stop, false);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, search_until_stopped, NULL), 0);
    for (int i = 0; i < CHILDREN; i++)
        fork_once();
    atomic_store(&stop, true);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(atomic_load(&failures), 0);
}

#define WITH_MODULE(test) cmocka_unit_test_setup_teardown(test, module_start, module_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_MODULE(threads_have_sessions), WITH_MODULE(threads_share_a_session),
        WITH_MODULE(threads_finalize),      WITH_MODULE(children_begin_anew),
        WITH_MODULE(children_of_threads),
    };
    return cmocka_run_group_tests_name("pkcs11 threads", tests, world_setup, world_teardown);
}
