/* Names of users, read from /etc/passwd with plain reads: getpwnam would load NSS modules into the
 * host, and those may open sockets. Users of a directory service have a number only. */
#ifndef CB_COMMON_USERS_H
#define CB_COMMON_USERS_H

#include <sys/types.h>

#define CB_USER_NAME_MAX 64 /* bytes, with the terminating zero; useradd allows 32 */

/* The uid of a name; a decimal number is taken as it is. -1: unknown. */
int cb_user_id(const char *name, uid_t *uid);

/* The name of a uid, or its number as text. Returns `out`. */
const char *cb_user_name(uid_t uid, char out[CB_USER_NAME_MAX]);

#endif
