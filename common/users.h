/* Names of users and groups, read from /etc/passwd and /etc/group with plain reads: getpwnam and
 * getgrnam load NSS modules into the process, and those may open sockets. Users and groups of a
 * directory service have a number only. */
#ifndef CB_COMMON_USERS_H
#define CB_COMMON_USERS_H

#include <sys/types.h>

#define CB_USER_NAME_MAX 64 /* bytes, with the terminating zero; useradd allows 32 */

/* The uid or gid of a name; a decimal number is taken as it is. -1: unknown. */
int cb_user_id(const char *name, uid_t *uid);
int cb_group_id(const char *name, gid_t *gid);

/* The name of a uid, or its number as text. Returns `out`. */
const char *cb_user_name(uid_t uid, char out[CB_USER_NAME_MAX]);

/* The user's own group. -1: unknown. */
int cb_user_group(uid_t uid, gid_t *gid);

#endif
