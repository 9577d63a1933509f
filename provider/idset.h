/* A set of object ids: which chain certificates one listing has given already. */
#ifndef CB_PROVIDER_IDSET_H
#define CB_PROVIDER_IDSET_H

#include <stddef.h>
#include <stdint.h>

/* All zero is an empty set. Grows to 32 bytes an id at most. */
struct cb_idset {
    uint64_t *slots; /* 0: free */
    size_t room, n;
};

/* Adds an id, which is never 0 and as good as random (struct cb_object). 1 added, 0 it was there,
 * -1 no memory. */
int cb_idset_add(struct cb_idset *set, uint64_t id);
void cb_idset_clear(struct cb_idset *set);

#endif
