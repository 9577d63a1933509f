#include "common/object.h"

bool cb_object_in_states(const struct cb_object *o, const char *const *states)
{
    for (; *states; states++)
        if (cb_span_equal(o->state, cb_span_of(*states)))
            return true;
    return false;
}

bool cb_object_in_window(const struct cb_object *o, int64_t now)
{
    return o->from <= now && (now < o->to || o->to == CB_TIME_MAX);
}

static bool is_any(const char *state)
{
    return strcmp(state, "any") == 0;
}

static bool configured(const struct cb_object *o, const struct cb_source *source)
{
    if (source->states.n == 0)
        return cb_object_in_states(o, source->type->default_states);
    for (size_t i = 0; i < source->states.n; i++)
        if (cb_span_equal(o->state, cb_span_of(source->states.items[i])))
            return true;
    return false;
}

bool cb_object_shown(const struct cb_object *o, const struct cb_source *source, const char *state,
                     int64_t now)
{
    if (!state && source->states.n == 1)
        state = source->states.items[0];
    if (state && is_any(state))
        return true;
    if (!cb_object_in_window(o, now))
        return false;
    return state ? cb_span_equal(o->state, cb_span_of(state)) : configured(o, source);
}

bool cb_object_usable(const struct cb_object *o, const struct cb_source *source, int64_t now)
{
    return cb_object_in_states(o, source->type->default_states) && cb_object_in_window(o, now) &&
           (o->kind == CB_PASSCODE || (o->not_before <= now && now <= o->not_after));
}

bool cb_object_anchor(const struct cb_object *o, const struct cb_source *source, int64_t now)
{
    return o->kind == CB_CERTIFICATE && cb_object_in_states(o, source->type->anchor_states) &&
           cb_object_in_window(o, now);
}
