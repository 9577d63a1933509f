#include "cli/table.h"
#include "common/text.h"
#include <stdio.h>

#define CELL_MAX 2000           /* bytes shown of one cell */
#define TABLE_MAX (1024u << 20) /* bytes of all cells: a million rows of a kilobyte */
#define GAP 2

/* Columns of text on a terminal, one for each UTF-8 character. */
static size_t width_of(const char *s)
{
    size_t n = 0;
    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

static void widen(struct cli_table *t, size_t column, const char *text)
{
    size_t w = width_of(text);
    if (w > t->widths[column])
        t->widths[column] = w;
}

void cli_table_init(struct cli_table *t, const char *const *heads)
{
    *t = (struct cli_table){0};
    cb_buf_init(&t->cells, TABLE_MAX);
    for (; heads[t->n_columns]; t->n_columns++) {
        t->heads[t->n_columns] = heads[t->n_columns];
        widen(t, t->n_columns, heads[t->n_columns]);
    }
}

void cli_table_clear(struct cli_table *t)
{
    cb_buf_clear(&t->cells);
}

void cli_table_cell(struct cli_table *t, size_t column, struct cb_span text)
{
    size_t start = t->cells.n;
    cb_add_printable(&t->cells, text, CELL_MAX);
    cb_buf_add_byte(&t->cells, 0);
    if (t->cells.failed)
        return;
    widen(t, column, (const char *)t->cells.p + start);
    if (column == t->n_columns - 1)
        t->n_rows++;
}

static void print_cell(const struct cli_table *t, size_t column, const char *text)
{
    bool last = column == t->n_columns - 1;
    size_t pad = t->widths[column] - width_of(text) + GAP;
    printf("%s%*s", text, last ? 0 : (int)pad, "");
    if (last)
        putchar('\n');
}

void cli_table_print(const struct cli_table *t)
{
    if (t->n_rows == 0)
        return;
    for (size_t c = 0; c < t->n_columns; c++)
        print_cell(t, c, t->heads[c]);
    const char *cell = (const char *)t->cells.p;
    for (size_t i = 0; i < t->n_rows * t->n_columns; i++, cell += strlen(cell) + 1)
        print_cell(t, i % t->n_columns, cell);
}
