/* Memory that is given back as a whole: the texts and lists of one configuration.
 *
 * Pieces come from chunks that double in size up to CB_ARENA_CHUNK_MAX, so that a small file costs
 * one allocation and a large one few. */
#ifndef CB_COMMON_ARENA_H
#define CB_COMMON_ARENA_H

#include "common/span.h"

#define CB_ARENA_CHUNK_MAX (1u << 20)

struct cb_arena_chunk;

struct cb_arena {
    struct cb_arena_chunk *chunks; /* newest first */
};

/* `n` bytes, all zero, aligned to `align` (a power of two, at most 16). NULL: no memory. */
void *cb_arena_alloc(struct cb_arena *arena, size_t n, size_t align);

/* A zero-terminated copy. NULL: no memory. */
char *cb_arena_dup(struct cb_arena *arena, struct cb_span text);

void cb_arena_clear(struct cb_arena *arena); /* frees everything; usable again */

#endif
