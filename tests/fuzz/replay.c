/* Runs a fuzzer's entry over its stored corpus, with any compiler: the program fuzz-NAME replays
 * tests/fuzz/corpus/NAME, or the files and folders given as arguments. Speaks TAP. */
#include "common/buf.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef CB_LIBFUZZER /* which brings a main of its own */

#define INPUT_MAX (16u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int tests;

static void replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct cb_buf content;
    uint8_t piece[4096];
    size_t n;
    cb_buf_init(&content, INPUT_MAX);
    while (f && (n = fread(piece, 1, sizeof piece, f)) > 0)
        cb_buf_add(&content, piece, n);
    bool good = f && !ferror(f) && !content.failed;
    if (f)
        fclose(f);
    if (good) {
        /* An exact copy on the heap, so that a sanitizer sees a read beyond the end. */
        uint8_t *copy = malloc(content.n ? content.n : 1);
        if (copy && content.n)
            memcpy(copy, content.p, content.n);
        good = copy && LLVMFuzzerTestOneInput(copy, content.n) == 0;
        free(copy);
    }
    cb_buf_clear(&content);
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++tests, path);
    fflush(stdout);
}

static void replay(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder) {
        replay_file(path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        char *inside;
        if (entry->d_name[0] == '.')
            continue;
        if (asprintf(&inside, "%s/%s", path, entry->d_name) < 0)
            abort();
        replay(inside);
        free(inside);
    }
    closedir(folder);
}

static char *own_corpus(const char *program)
{
    const char *slash = strrchr(program, '/');
    const char *prefix = strstr(slash ? slash : program, "fuzz-");
    const char *top = getenv("top_srcdir");
    char *path;
    if (!prefix ||
        asprintf(&path, "%s/tests/fuzz/corpus/%s", top ? top : ".", prefix + strlen("fuzz-")) < 0)
        return NULL;
    return path;
}

int main(int argc, char **argv)
{
    char *corpus = argc > 1 ? NULL : own_corpus(argv[0]);
    if (corpus)
        replay(corpus);
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    free(corpus);
    printf("1..%d\n", tests);
    return tests > 0 ? 0 : 1;
}
#endif
