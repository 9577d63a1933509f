/* The credentials that a URI names, as the faces see them: by path, label and state, in the order
 * of the listing. */
#ifndef CB_CLI_SELECT_H
#define CB_CLI_SELECT_H

#include "cli/cli.h"
#include "common/snapshot.h"
#include "common/uri.h"

struct cli_hit {
    const struct cb_source *source;
    const struct cb_snapshot *snapshot;
    const struct cb_object *object;
    enum cb_part part; /* of the URI */
};

/* Calls `visit` for each credential below `uri_text` (NULL: all of every source), until it answers
 * other than 0. Sources that cannot be read are complained about and passed over. The exit status:
 * CLI_DONE, CLI_FAILED, CLI_USAGE, or CLI_NOTHING when nothing was visited. */
int cli_select(const struct cli *cli, const char *uri_text,
               int (*visit)(void *user, const struct cli_hit *hit), void *user);

#endif
