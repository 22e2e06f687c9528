/* Columns across: sums of rows turned on their side, summed by column, and made levels of the input.
 *
 * What is done across is done for all rows of a group at once.
 */
#include "letterbox.h"

#ifdef __ARM_NEON
#include <arm_neon.h>
#endif

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "sums of two rows share a lane, the first in its lower half: without little-endian memory the twins serve"
#endif

enum { UPPER = 16 };

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

void letterbox_turn(const Scratch *s, const Part *p)
{
    turn(s->turned + LANES * p->from, s->rows + p->from, s->line, p->to - p->from);
}

void letterbox_sum_columns(const Scratch *s, const Part *p, int i, const Geometry *g)
{
    sum_columns(s->columns + i * LANES * g->width, g->width, s->turned + p->at.offset * LANES, &p->columns, g->col0,
                g->col1, p->at.step);
}

void letterbox_settle(const Scratch *s, const Part *parts, int n, int row, const Geometry *g)
{
    const uint32_t *sums = s->columns + (row - g->row0) % LANES * g->width + g->col0;
    for (int i = 0; i < n; i++, sums += LANES * g->width)
        settle(s->levels + i * s->side, sums, parts[i].columns.inverse + g->col0, parts[i].rows.inverse[row],
               parts[i].shift, g->col1 - g->col0);
}
