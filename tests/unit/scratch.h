/* A folder of a test's own, removed with what is in it. Every failure ends the program. */
#ifndef CB_TESTS_UNIT_SCRATCH_H
#define CB_TESTS_UNIT_SCRATCH_H

#include <stdint.h>
#include <sys/types.h>

struct scratch {
    char folder[64]; /* absolute; mode 0700 */
    char path[512];  /* of the last scratch_path */
};

void scratch_init(struct scratch *s);
void scratch_clear(struct scratch *s);

/* FOLDER/NAME, valid until the next call. */
const char *scratch_path(struct scratch *s, const char *name);
/* Writes FOLDER/NAME with this mode, whatever the umask. Returns its path as scratch_path does. */
const char *scratch_write(struct scratch *s, const char *name, const char *text, mode_t mode);
/* Sets a file's time: `ms` milliseconds ago. */
void scratch_age(const char *path, int64_t ms);

#endif
