/* Rows down: weighted sums of the lines of a plane, as they come from the camera, in 16 bits. */
#include "letterbox.h"

enum { MOST_SHIFT = 4 };

/* Fraction bits that a sum of rows can carry in 16 bits. */
int letterbox_row_shift(int64_t scale)
{
    int shift = MOST_SHIFT;
    while (shift > 0 && (((scale >> 16) + 3) * 255) << shift > 65535)
        shift--;
    return shift;
}

static INLINE void weigh_ends(uint16_t *restrict sums, const uint8_t *restrict a, const uint8_t *restrict b,
                              uint16_t wa, uint16_t wb, int shift, int n)
{
    uint16_t half = (uint16_t)(128 >> shift);
    for (int x = 0; x < n; x++)
        sums[x] = (uint16_t)(((uint16_t)(a[x] * wa + half) >> (8 - shift))
                             + ((uint16_t)(b[x] * wb + half) >> (8 - shift)));
}

EDGEPOSE_HOT
static void sum_ends(uint16_t *restrict sums, const uint8_t *restrict a, const uint8_t *restrict b,
                     uint16_t wa, uint16_t wb, int shift, int n)
{
    uint16_t unit = (uint16_t)(1 << shift);
    if (wa == 256 && wb == 256) /* whole ratios, such as 1080 rows to 108 */
        for (int x = 0; x < n; x++)
            sums[x] = (uint16_t)((a[x] + b[x]) * unit);
    else if (shift == MOST_SHIFT) /* all but huge pictures */
        weigh_ends(sums, a, b, wa, wb, MOST_SHIFT, n);
    else
        weigh_ends(sums, a, b, wa, wb, shift, n);
}

static INLINE void add_rows(uint16_t *restrict sums, const uint8_t *restrict rows, ptrdiff_t line, int n_rows,
                            uint16_t unit, int n)
{
    for (int x = 0; x < n; x++) {
        uint16_t sum = 0;
        for (int r = 0; r < n_rows; r++)
            sum = (uint16_t)(sum + rows[r * line + x]);
        sums[x] = (uint16_t)(sums[x] + sum * unit);
    }
}

/* Fewer of these do the same and touch the sums more often. A unit is multiplied by and not shifted to: of a shift
 * that they do not know, compilers do not know that 16 bits do. */
#define ADDER(name, n_rows)                                                                                           \
    EDGEPOSE_HOT                                                                                                      \
    static void name(uint16_t *restrict sums, const uint8_t *restrict rows, ptrdiff_t line, uint16_t unit, int n)     \
    {                                                                                                                 \
        add_rows(sums, rows, line, n_rows, unit, n);                                                                  \
    }

ADDER(add_one, 1)
ADDER(add_two, 2)
ADDER(add_three, 3)
ADDER(add_four, 4)
ADDER(add_eight, 8)

/* Adds whole rows to the sums, as many at once as there is a loop for; returns how many. */
static int add_some(uint16_t *sums, const uint8_t *row, const Part *p, int left, int n)
{
    ptrdiff_t line = p->line_size;
    uint16_t unit = (uint16_t)(1 << p->shift);
    if (left >= 8)
        return add_eight(sums, row, line, unit, n), 8;
    if (left >= 4)
        return add_four(sums, row, line, unit, n), 4;
    if (left == 3)
        return add_three(sums, row, line, unit, n), 3;
    if (left == 2)
        return add_two(sums, row, line, unit, n), 2;
    return add_one(sums, row, line, unit, n), 1;
}

/* Weighted sums of the rows of one window. */
static void sum_rows(uint16_t *sums, const Part *p, int i)
{
    const Windows *w = &p->rows;
    const uint8_t *row = p->data + w->first[i] * p->line_size + p->from;
    const uint8_t *last = p->data + w->last[i] * p->line_size + p->from;
    int n = p->to - p->from, left = w->last[i] - w->first[i] - 1;
    sums += p->from;
    sum_ends(sums, row, last, (uint16_t)w->w_first[i], (uint16_t)w->w_last[i], p->shift, n);
    row += p->line_size;
    for (int done; left > 0; left -= done, row += done * p->line_size)
        done = add_some(sums, row, p, left, n);
}

void letterbox_sum_rows(const Scratch *s, const Part *p, int row, int n)
{
    for (int r = 0; r < n; r++)
        sum_rows(s->rows + r * s->line, p, row + r);
}
