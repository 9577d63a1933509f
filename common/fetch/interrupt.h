/* SIGTERM, SIGINT and SIGHUP during a sync: the temporary file is removed, then the signal does
 * what it always did. A signal that is ignored stays ignored. */
#ifndef CB_COMMON_FETCH_INTERRUPT_H
#define CB_COMMON_FETCH_INTERRUPT_H

/* From now on the file `path` is removed by such a signal; NULL: nothing is. Process-wide; one file
 * at a time. Longer paths than CB_FILE_PATH_MAX are not removed. */
void cb_interrupt_removes(const char *path);

#endif
