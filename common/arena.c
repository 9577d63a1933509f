#include "common/arena.h"

#include <stdlib.h>

#define FIRST_CHUNK 4096

struct cb_arena_chunk {
    struct cb_arena_chunk *older;
    size_t used, room;
    _Alignas(16) uint8_t bytes[];
};

static struct cb_arena_chunk *add_chunk(struct cb_arena *arena, size_t least)
{
    size_t room = arena->chunks ? 2 * arena->chunks->room : FIRST_CHUNK;
    if (room > CB_ARENA_CHUNK_MAX)
        room = CB_ARENA_CHUNK_MAX;
    if (room < least)
        room = least;
    if (room > SIZE_MAX / 4)
        return NULL;
    struct cb_arena_chunk *chunk = calloc(1, sizeof *chunk + room);
    if (!chunk)
        return NULL;
    chunk->older = arena->chunks;
    chunk->room = room;
    arena->chunks = chunk;
    return chunk;
}

void *cb_arena_alloc(struct cb_arena *arena, size_t n, size_t align)
{
    struct cb_arena_chunk *chunk = arena->chunks;
    size_t at = chunk ? (chunk->used + align - 1) & ~(align - 1) : 0;
    if (!chunk || at > chunk->room || n > chunk->room - at) {
        chunk = add_chunk(arena, n);
        at = 0;
    }
    if (!chunk)
        return NULL;
    chunk->used = at + n;
    return chunk->bytes + at;
}

char *cb_arena_dup(struct cb_arena *arena, struct cb_span text)
{
    if (text.n == SIZE_MAX)
        return NULL;
    char *copy = cb_arena_alloc(arena, text.n + 1, 1);
    if (copy && text.n)
        memcpy(copy, text.p, text.n);
    return copy;
}

void cb_arena_clear(struct cb_arena *arena)
{
    while (arena->chunks) {
        struct cb_arena_chunk *older = arena->chunks->older;
        free(arena->chunks);
        arena->chunks = older;
    }
}
