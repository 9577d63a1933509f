/* A table for a terminal: columns as wide as their widest cell, the last one free. */
#ifndef CB_CLI_TABLE_H
#define CB_CLI_TABLE_H

#include "common/buf.h"

#define CLI_COLUMNS_MAX 8

struct cli_table {
    size_t n_columns;
    const char *heads[CLI_COLUMNS_MAX];
    size_t widths[CLI_COLUMNS_MAX];
    struct cb_buf cells; /* zero-terminated texts, row by row */
    size_t n_rows;
};

void cli_table_init(struct cli_table *t, const char *const *heads); /* NULL-terminated */
void cli_table_clear(struct cli_table *t);
/* The next cell of the row that is being filled; made printable. */
void cli_table_cell(struct cli_table *t, size_t column, struct cb_span text);
/* Prints heads and rows. */
void cli_table_print(const struct cli_table *t);

#endif
