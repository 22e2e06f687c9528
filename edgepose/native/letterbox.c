/* Scales, converts and places one picture in a model's input, reading the camera's own planes.
 *
 * Every output row is made in two sums: rows down (sum_rows), then columns across (sum_columns).
 * Windows say which samples each output pixel covers and how much of the first and the last.
 * Shrinking averages the covered area, growing interpolates between two neighbours: the same
 * sums with other windows. YUV is converted at the small size.
 */
#include "kernels.h"

#ifdef __ARM_NEON
#include <arm_neon.h>
#endif

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "sums of two rows share a lane, the first in its lower half: without little-endian memory the twins serve"
#endif

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

#define INLINE inline __attribute__((always_inline)) /* what is constant at the call is constant in the loop */

/* Output rows are made in groups, for what is done across is done for all of a group at once. */
enum { LANES = 8, UPPER = 16 };

typedef struct {
    int32_t *windows;
    uint16_t *rows;      /* sums of rows, a line for each of a group */
    uint16_t *turned;    /* the same, column by column */
    uint32_t *columns;   /* sums of columns, three times a group */
    uint8_t *levels;     /* three output rows */
    ptrdiff_t line;      /* of the sums of rows */
    ptrdiff_t side;      /* of the levels, whole vectors */
} Scratch;

enum { MOST_SHIFT = 4 };

/* Fraction bits that a sum of rows can carry in 16 bits. */
static int sum_shift(int64_t scale)
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

typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));

#ifdef __ARM_NEON
/* Turns a block of eight by eight: pairs of rows in between each other, then the pairs by the store. */
static INLINE void turn8(uint16_t *restrict out, const uint16_t *restrict rows, ptrdiff_t line)
{
    uint32x4x4_t left, right;
    for (int i = 0; i < 4; i++) {
        uint16x8x2_t pair = vzipq_u16(vld1q_u16(rows + 2 * i * line), vld1q_u16(rows + (2 * i + 1) * line));
        left.val[i] = vreinterpretq_u32_u16(pair.val[0]), right.val[i] = vreinterpretq_u32_u16(pair.val[1]);
    }
    vst4q_u32((uint32_t *)out, left), vst4q_u32((uint32_t *)out + 16, right);
}
#else
#ifdef __clang__
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define ZIP_LOW(a, b) __builtin_shuffle(a, b, (u16x8){0, 8, 1, 9, 2, 10, 3, 11})
#define ZIP_HIGH(a, b) __builtin_shuffle(a, b, (u16x8){4, 12, 5, 13, 6, 14, 7, 15})
#endif

/* Four rows in between four others; three times over, rows have become columns. */
static INLINE void zip(u16x8 *out, const u16x8 *in)
{
    for (int i = 0; i < 4; i++)
        out[2 * i] = ZIP_LOW(in[i], in[i + 4]), out[2 * i + 1] = ZIP_HIGH(in[i], in[i + 4]);
}

static INLINE void turn8(uint16_t *restrict out, const uint16_t *restrict rows, ptrdiff_t line)
{
    u16x8 a[LANES], b[LANES];
    for (int r = 0; r < LANES; r++)
        __builtin_memcpy(&a[r], rows + r * line, sizeof a[r]);
    zip(b, a), zip(a, b), zip(b, a);
    __builtin_memcpy(out, b, sizeof b);
}
#endif

/* Lays the sums of rows side by side, so that those of one column are neighbours; up to 7 columns past n too. */
EDGEPOSE_HOT
static void turn(uint16_t *restrict out, const uint16_t *restrict rows, ptrdiff_t line, int n)
{
    for (int x = 0; x < n; x += LANES)
        turn8(out + x * LANES, rows + x, line);
}

/* The sums of one column, of all rows, two in a lane. */
static inline u32x4 load(const uint16_t *at)
{
    u32x4 v;
    __builtin_memcpy(&v, at, sizeof v);
    return v;
}

/* Sums of the columns of every window, of all rows at once; they have 8 fraction bits more than the sums of rows.
 * out keeps the rows apart, `width` from one to the next. A lane sums what it holds as one number, and its upper half
 * alone too; the lower half is what that leaves in the end, which is cheaper than to widen each before it is added. */
EDGEPOSE_HOT
static void sum_columns(uint32_t *restrict out, int width, const uint16_t *restrict turned, const Windows *w, int from,
                        int to, int step)
{
    for (int i = from; i < to; i++) {
        const uint16_t *at = turned + w->first[i] * step * LANES, *end = turned + w->last[i] * step * LANES;
        u32x4 first = load(at), last = load(end), both = {0, 0, 0, 0}, upper = both;
        for (at += step * LANES; at < end; at += step * LANES)
            both += load(at), upper += load(at) >> UPPER;
        both = first * w->w_first[i] + (both << 8) + last * w->w_last[i];
        upper = (first >> UPPER) * w->w_first[i] + (upper << 8) + (last >> UPPER) * w->w_last[i];
        both -= upper << UPPER;
        for (int r = 0; r < 4; r++)
            out[2 * r * width + i] = both[r], out[(2 * r + 1) * width + i] = upper[r];
    }
}

#ifdef __ARM_NEON
static inline uint16x4_t settle4(const uint32_t *sums, const uint32_t *inverse_x, uint32_t inverse_y, int shift)
{
    uint32x4_t sum = vld1q_u32(sums), inverse = vld1q_u32(inverse_x);
    uint32x2_t low = vshrn_n_u64(vmull_u32(vget_low_u32(sum), vget_low_u32(inverse)), 15);
    uint32x2_t high = vshrn_n_u64(vmull_u32(vget_high_u32(sum), vget_high_u32(inverse)), 15);
    low = vshrn_n_u64(vmull_n_u32(low, inverse_y), 32), high = vshrn_n_u64(vmull_n_u32(high, inverse_y), 32);
    return vqmovn_u32(vrshlq_u32(vcombine_u32(low, high), vdupq_n_s32(-7 - shift)));
}
#endif

/* Undoes the weights across and down, rounds and saturates. */
EDGEPOSE_HOT
static void settle(uint8_t *restrict out, const uint32_t *restrict sums, const uint32_t *restrict inverse_x,
                   uint32_t inverse_y, int shift, int n)
{
    int i = 0;
#ifdef __ARM_NEON /* compilers find no vectors for 64-bit shifts on 32-bit ARM, and few on the other */
    for (; i + 8 <= n; i += 8) {
        uint16x4_t low = settle4(sums + i, inverse_x + i, inverse_y, shift);
        uint16x4_t high = settle4(sums + i + 4, inverse_x + i + 4, inverse_y, shift);
        vst1_u8(out + i, vqmovn_u16(vcombine_u16(low, high)));
    }
#endif
    for (; i < n; i++) {
        uint32_t across = (uint32_t)(((uint64_t)sums[i] * inverse_x[i]) >> 15);
        uint32_t level = (uint32_t)(((uint64_t)across * inverse_y + ((uint64_t)1 << (38 + shift))) >> (39 + shift));
        out[i] = level > 255 ? 255 : (uint8_t)level;
    }
}

/* So many bytes as whole vectors have. */
static inline int whole(int n) { return (n + 15) & ~15; }

static uint8_t level(int32_t q14)
{
    int32_t v = (q14 + 8192) >> 14;
    return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

/* In place, Y U V to B G R, up to a whole vector. colour: offset of luma, then Q14 factors of luma, R from V, G from U,
 * G from V, B from U. */
EDGEPOSE_HOT
static void convert_yuv(uint8_t *restrict y, uint8_t *restrict u, uint8_t *restrict v, const int32_t *restrict colour,
                        int n)
{
    for (int i = 0; i < whole(n); i++) {
        int32_t l = (y[i] - colour[0]) * colour[1], cu = u[i] - 128, cv = v[i] - 128;
        y[i] = level(l + cu * colour[5]);
        u[i] = level(l - cu * colour[3] - cv * colour[4]);
        v[i] = level(l + cv * colour[2]);
    }
}

EDGEPOSE_HOT
static void interleave(uint8_t *restrict out, const uint8_t *restrict a, const uint8_t *restrict b,
                       const uint8_t *restrict c, int n)
{
    int i = 0;
#ifdef __ARM_NEON
    for (; i + 16 <= n; i += 16)
        vst3q_u8(out + 3 * i, ((uint8x16x3_t){{vld1q_u8(a + i), vld1q_u8(b + i), vld1q_u8(c + i)}}));
#endif
    for (; i < n; i++)
        out[3 * i] = a[i], out[3 * i + 1] = b[i], out[3 * i + 2] = c[i];
}

static int longer(int a, int b)
{
    return a > b ? a : b;
}

/* Where the parts of the scratch begin: 20 arrays of windows (two subsamplings, across and down), then the rest. */
typedef struct {
    size_t rows, turned, columns, levels, end, line, side;
} Layout;

static Layout lay_out(int source_width, int width, int height)
{
    Layout at;
    at.line = 3 * (size_t)source_width + 8;
    at.side = (size_t)whole(width);
    at.rows = sizeof(int32_t) * 20 * (size_t)longer(width, height);
    at.turned = at.rows + sizeof(uint16_t) * LANES * at.line;
    at.columns = at.turned + sizeof(uint16_t) * LANES * at.line;
    at.levels = at.columns + sizeof(uint32_t) * 3 * LANES * (size_t)width;
    at.end = at.levels + 3 * at.side;
    return at;
}

size_t letterbox_scratch_bytes(int source_width, int width, int height)
{
    return lay_out(source_width, width, height).end;
}

static Scratch divide(uint8_t *memory, int source_width, int width, int height)
{
    Layout at = lay_out(source_width, width, height);
    Scratch s = {(int32_t *)memory, (uint16_t *)(memory + at.rows), (uint16_t *)(memory + at.turned),
                 (uint32_t *)(memory + at.columns), memory + at.levels, (ptrdiff_t)at.line, (ptrdiff_t)at.side};
    return s;
}

/* A part whose samples each span 1 << sub_x by 1 << sub_y px. */
static Part lay_part(const Picture *p, const Geometry *g, int32_t *memory, int sub_x, int sub_y)
{
    int n = longer(g->width, g->height);
    Windows columns = windows_at(memory, n), rows = windows_at(memory + 5 * n, n);
    set_windows(&columns, g->col0, g->col1, g->x0_q16, g->scale_q16, sub_x, (p->width + sub_x) >> sub_x);
    set_windows(&rows, g->row0, g->row1, g->y0_q16, g->scale_q16, sub_y, (p->height + sub_y) >> sub_y);
    return (Part){.columns = columns, .rows = rows, .shift = sum_shift(g->scale_q16 >> sub_y)};
}

/* Sets the bytes of a line that the parts of each plane need together. */
static void lay_spans(Part *parts, int n, const Geometry *g)
{
    for (int i = 0; i < n; i++) {
        parts[i].from = parts[i].columns.first[g->col0] * parts[i].at.step;
        parts[i].to = (parts[i].columns.last[g->col1 - 1] + 1) * parts[i].at.step;
    }
    for (int i = n - 1; i > 0; i--)
        if (parts[i - 1].at.plane == parts[i].at.plane) {
            if (parts[i].from < parts[i - 1].from)
                parts[i - 1].from = parts[i].from;
            if (parts[i].to > parts[i - 1].to)
                parts[i - 1].to = parts[i].to;
        }
}

/* Describes the parts of a picture; returns how many. */
static int lay_parts(Part *parts, const Picture *p, const Geometry *g, int32_t *windows)
{
    static const Place places[N_FORMATS][3] = {
        [FORMAT_PACKED] = {{0, 3, 0}, {0, 3, 1}, {0, 3, 2}}, [FORMAT_GRAY] = {{0, 1, 0}},
        [FORMAT_YUYV] = {{0, 2, 0}, {0, 4, 1}, {0, 4, 3}}, [FORMAT_NV12] = {{0, 1, 0}, {1, 2, 0}, {1, 2, 1}},
        [FORMAT_YUV420P] = {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}};
    int packed = p->format == FORMAT_PACKED, n = p->format == FORMAT_GRAY ? 1 : 3;
    Part luma = lay_part(p, g, windows, 0, 0), chroma = luma;
    if (n == 3 && !packed)
        chroma = lay_part(p, g, windows + 10 * longer(g->width, g->height), 1, p->format != FORMAT_YUYV);
    for (int i = 0; i < n; i++) {
        parts[i] = i ? chroma : luma, parts[i].at = places[p->format][i];
        parts[i].data = p->data[parts[i].at.plane], parts[i].line_size = p->line_size[parts[i].at.plane];
    }
    lay_spans(parts, n, g);
    return n;
}

/* The sums of a group of output rows, part by part. */
static void sum_group(const Scratch *s, const Part *parts, int n, int row, int n_rows, const Geometry *g)
{
    for (int i = 0; i < n; i++) {
        const Part *p = &parts[i];
        if (i == 0 || p->at.plane != parts[i - 1].at.plane) {
            for (int r = 0; r < n_rows; r++)
                sum_rows(s->rows + r * s->line, p, row + r);
            turn(s->turned + LANES * p->from, s->rows + p->from, s->line, p->to - p->from);
        }
        sum_columns(s->columns + i * LANES * g->width, g->width, s->turned + p->at.offset * LANES, &p->columns, g->col0,
                    g->col1, p->at.step);
    }
}

void letterbox(uint8_t *tensor, void *memory, const Picture *p, const Geometry *g, const int32_t *colour, int swap)
{
    Part parts[3];
    if (g->col0 >= g->col1 || g->row0 >= g->row1)
        return;
    Scratch s = divide(memory, p->width, g->width, g->height);
    uint8_t *a = s.levels, *b = a + s.side, *c = b + s.side;
    int n = lay_parts(parts, p, g, s.windows), n_columns = g->col1 - g->col0;
    int gray = p->format == FORMAT_GRAY, yuv = !gray && p->format != FORMAT_PACKED;
    for (int row = g->row0; row < g->row1; row++) {
        int r = (row - g->row0) % LANES, left = g->row1 - row;
        if (r == 0)
            sum_group(&s, parts, n, row, left < LANES ? left : LANES, g);
        for (int i = 0; i < n; i++)
            settle(s.levels + i * s.side, s.columns + (i * LANES + r) * g->width + g->col0,
                   parts[i].columns.inverse + g->col0, parts[i].rows.inverse[row], parts[i].shift, n_columns);
        if (yuv)
            convert_yuv(a, b, c, colour, n_columns);
        uint8_t *first = swap && !gray ? c : a, *second = gray ? a : b, *third = gray || swap ? a : c;
        interleave(tensor + ((ptrdiff_t)row * g->width + g->col0) * 3, first, second, third, n_columns);
    }
}
