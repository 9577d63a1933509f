/* Files of ours: where they are, and who may have written them.
 *
 * Configuration, cache folder, snapshots and status files are taken only from root, from the
 * effective user or from the owner that a root-owned configuration names, and only when nobody else
 * may write them. Otherwise the refusal says which file, its owner and mode, and the remedy. */
#ifndef CB_COMMON_FILE_H
#define CB_COMMON_FILE_H

#include "common/buf.h"
#include "common/config.h"
#include <sys/stat.h>

#define CB_FILE_PATH_MAX 4096

enum cb_cache_file { CB_FILE_SNAPSHOT, CB_FILE_STATUS, CB_FILE_LOCK };

/* "CACHE/SOURCE.cdb" and so on. -1 when it does not fit. */
int cb_cache_path(const struct cb_config *config, const struct cb_source *source,
                  enum cb_cache_file which, char out[CB_FILE_PATH_MAX], struct cb_error *err);

/* Whose files may be read beside root's and the effective user's: the uid of [certbridge] owner, or
 * (uid_t)-1. Resolved by reading /etc/passwd (never getpwnam: no NSS, no sockets); a number is
 * taken as it is. */
uid_t cb_cache_owner(const struct cb_config *config);

/* Judges owner and mode of what `st` describes (a file or a folder called `path`). */
int cb_file_trusted(const char *path, const struct stat *st, uid_t also, struct cb_error *err);

/* Opens read-only (close-on-exec, no terminal, never blocking), requires a regular file, judges it.
 * The descriptor, or -1: CB_ERR_NOT_FOUND when it does not exist, CB_ERR_REFUSED, CB_ERR_SYSTEM.
 * `st` receives its fstat. */
int cb_file_open_trusted(const char *path, uid_t also, struct stat *st, struct cb_error *err);

/* The cache folder: it exists, is a folder, and is trusted. `st` (may be NULL) receives its stat.
 * The error says how to make or mend it. */
int cb_cache_trusted(const struct cb_config *config, struct stat *st, struct cb_error *err);

/* Reads all of `fd` into `out` (whose cap is the limit). */
int cb_file_read(int fd, const char *path, struct cb_buf *out, struct cb_error *err);

/* When the file was changed last, in nanoseconds since 1970. */
int64_t cb_mtime_ns(const struct stat *st);

#endif
