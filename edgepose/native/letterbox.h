/* What the files of the letterbox share: windows.c, rows.c, columns.c, colours.c and letterbox.c. */
#ifndef EDGEPOSE_LETTERBOX_H
#define EDGEPOSE_LETTERBOX_H

#include "kernels.h"

#define INLINE inline __attribute__((always_inline)) /* what is constant at the call is constant in the loop */

/* Output rows are made in groups, for what is done across is done for all of a group at once. */
enum { LANES = 8 };

/* One entry an output pixel: samples first..last, the ends weighted in 256ths, those between whole. */
typedef struct {
    int32_t *first, *last;
    uint32_t *w_first, *w_last;
    uint32_t *inverse;           /* 2^31 / (sum of weights) */
} Windows;

/* Where the samples of a colour part lie. */
typedef struct {
    int plane, step, offset;     /* bytes from sample to sample, and to the first */
} Place;

/* One colour part of the picture. */
typedef struct {
    const uint8_t *data;
    ptrdiff_t line_size;
    Windows columns, rows;
    Place at;
    int shift;                   /* fraction bits of its row sums */
    int from, to;                /* bytes of a line that any part of the same plane needs */
} Part;

/* The caller's memory, divided. */
typedef struct {
    int32_t *windows;
    uint16_t *rows;      /* sums of rows, a line for each of a group */
    uint16_t *turned;    /* the same, column by column */
    uint32_t *columns;   /* sums of columns, three times a group */
    uint8_t *levels;     /* three output rows */
    ptrdiff_t line;      /* of the sums of rows */
    ptrdiff_t side;      /* of the levels, whole vectors */
} Scratch;

/* So many bytes as whole vectors have. */
static inline int letterbox_whole(int n) { return (n + 15) & ~15; }

/* ---- windows.c ---- */

/* The five arrays of n outputs in one memory. */
Windows letterbox_windows_at(int32_t *memory, int n);

/* Windows of the outputs from..to over a line of n samples, each 1 << sub source px wide. */
void letterbox_set_windows(const Windows *w, int from, int to, int64_t origin, int64_t scale, int sub, int n);

/* ---- rows.c ---- */

/* Fraction bits that a sum of rows can carry in 16 bits. */
int letterbox_row_shift(int64_t scale);

/* Weighted sums of rows, of the windows of a group of n output rows. */
void letterbox_sum_rows(const Scratch *s, const Part *p, int row, int n);

/* ---- columns.c ---- */

/* Turns a group's sums of rows, as far as the parts of the same plane need them. */
void letterbox_turn(const Scratch *s, const Part *p);

/* Sums of columns of a group, of part i. */
void letterbox_sum_columns(const Scratch *s, const Part *p, int i, const Geometry *g);

/* Levels of one output row, of all n parts: undoes the weights. */
void letterbox_settle(const Scratch *s, const Part *parts, int n, int row, const Geometry *g);

/* ---- colours.c ---- */

/* Writes n pixels of the levels; overwrites these. */
void letterbox_write(uint8_t *out, const Scratch *s, int format, const int32_t *colour, int swap, int n);

#endif
