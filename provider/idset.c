#include "provider/idset.h"
#include <stdlib.h>

#define ROOM_FIRST 16 /* a power of two, as all sizes */

static uint64_t *slot_of(uint64_t *slots, size_t room, uint64_t id)
{
    size_t i = (size_t)id & (room - 1);
    while (slots[i] != 0 && slots[i] != id)
        i = (i + 1) & (room - 1);
    return &slots[i];
}

static int grow(struct cb_idset *set)
{
    size_t room = set->room ? 2 * set->room : ROOM_FIRST;
    uint64_t *slots = calloc(room, sizeof *slots);
    if (!slots)
        return -1;
    for (size_t i = 0; i < set->room; i++)
        if (set->slots[i] != 0)
            *slot_of(slots, room, set->slots[i]) = set->slots[i];
    free(set->slots);
    set->slots = slots;
    set->room = room;
    return 0;
}

int cb_idset_add(struct cb_idset *set, uint64_t id)
{
    if (2 * set->n >= set->room && grow(set))
        return -1;
    uint64_t *slot = slot_of(set->slots, set->room, id);
    if (*slot == id)
        return 0;
    *slot = id;
    set->n++;
    return 1;
}

void cb_idset_clear(struct cb_idset *set)
{
    free(set->slots);
    *set = (struct cb_idset){0};
}
