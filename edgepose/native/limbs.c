/* Limbs of Lightweight OpenPose: the affinity field's line integral between every two peaks that a limb could join. */
#include "kernels.h"

enum { N_SAMPLES = 10, MAX_MISSED = 2 };
enum { NINTH_Q16 = 7281 };               /* of the way between two samples; nine of them do not reach past its end */

const Limb openpose_limbs[OPENPOSE_LIMBS] = {
    {1, 2, 12}, {1, 5, 20}, {2, 3, 14}, {3, 4, 16}, {5, 6, 22}, {6, 7, 24}, {1, 8, 0}, {8, 9, 2}, {9, 10, 4},
    {1, 11, 6}, {11, 12, 8}, {12, 13, 10}, {1, 0, 28}, {0, 14, 30}, {14, 16, 34}, {0, 15, 32}, {15, 17, 36},
    {2, 16, 18}, {5, 17, 26}};

typedef struct {
    const OpenposeSetup *setup;
    const int8_t *x;                     /* first cell of the field's x; y is the next byte */
    uint64_t least_square;               /* of the alignment, stored units, Q16 */
    int32_t zero_q8;                     /* of the lanes */
} Field;

typedef struct {
    int32_t x, y;
} Vector;

/* Both parts of the field at a cell, 0 to 255, 32 bits apart, so that one multiplication weighs both. */
static uint64_t lanes(const int8_t *at)
{
    return (uint64_t)(uint8_t)(at[0] + 128) | (uint64_t)(uint8_t)(at[1] + 128) << 32;
}

/* The field between four cells, Q8 stored units above the zero point. */
static Vector interpolate(const Field *f, int32_t x_q16, int32_t y_q16)
{
    int columns = f->setup->columns, rows = f->setup->rows, row = columns * OPENPOSE_FIELDS;
    int x = x_q16 >> 16, y = y_q16 >> 16;
    x -= x > columns - 2, y -= y > rows - 2;
    uint32_t right = (uint32_t)((x_q16 >> 8) - (x << 8)), low = (uint32_t)((y_q16 >> 8) - (y << 8));
    const int8_t *at = f->x + y * row + x * OPENPOSE_FIELDS;
    uint64_t high = lanes(at) * (256 - right) + lanes(at + OPENPOSE_FIELDS) * right;
    uint64_t deep = lanes(at + row) * (256 - right) + lanes(at + row + OPENPOSE_FIELDS) * right;
    uint64_t both = high * (256 - low) + deep * low;
    Vector v = {(int32_t)((uint32_t)both >> 8) - f->zero_q8, (int32_t)(both >> 40) - f->zero_q8};
    return v;
}

/* The field along a way at the cell nearest to the middle of two peaks. */
static int32_t middle(const Field *f, const Peak *a, const Peak *b, Vector way)
{
    int x = (a->x_q8 + b->x_q8 + 256) >> 9, y = (a->y_q8 + b->y_q8 + 256) >> 9;
    const int8_t *at = f->x + (y * f->setup->columns + x) * OPENPOSE_FIELDS;
    int zero = f->setup->paf_zero_point;
    return (at[0] - zero) * way.x + (at[1] - zero) * way.y;
}

/* How well the field points along the way from a to b: 0..65535, 0 where too few samples do, or where the middle
 * points back, which is soon asked and parts most pairs of two people. */
static uint32_t align(const Field *f, const Peak *a, const Peak *b)
{
    static const int8_t order[N_SAMPLES] = {4, 5, 3, 6, 2, 7, 1, 8, 0, 9}; /* those that miss most come first */
    Vector way = {b->x_q8 - a->x_q8, b->y_q8 - a->y_q8};
    if (middle(f, a, b, way) <= 0)
        return 0;
    uint64_t square = (uint64_t)((int64_t)way.x * way.x + (int64_t)way.y * way.y);
    uint64_t limit = (f->least_square * square) >> 16, sum = 0, missed = 0;
    for (int i = 0; i < N_SAMPLES; i++) {
        int32_t along = order[i] * NINTH_Q16;
        Vector field = interpolate(f, (int32_t)((a->x_q8 * 65536ll + (int64_t)way.x * along) >> 8),
                                   (int32_t)((a->y_q8 * 65536ll + (int64_t)way.y * along) >> 8));
        int64_t dot = ((int64_t)field.x * way.x + (int64_t)field.y * way.y) >> 8;
        if (dot > 0 && (uint64_t)(dot * dot) > limit)
            sum += (uint64_t)dot;
        else if (++missed > MAX_MISSED)
            return 0;
    }
    uint64_t score = (sum * (uint64_t)f->setup->paf_scale_q24 / ((N_SAMPLES - missed) * root(square))) >> 8;
    return score > 65535 ? 65535 : (uint32_t)score;
}

void sort_down(uint64_t *values, int n)
{
    static const int gaps[] = {1750, 701, 301, 132, 57, 23, 10, 4, 1}; /* Ciura, 2001 */
    for (unsigned g = 0; g < sizeof gaps / sizeof *gaps; g++)
        for (int i = gaps[g]; i < n; i++) {
            uint64_t value = values[i];
            int j = i;
            for (; j >= gaps[g] && values[j - gaps[g]] < value; j -= gaps[g])
                values[j] = values[j - gaps[g]];
            values[j] = value;
        }
}

/* The best first, each end once. */
static int choose(Connection *found, int n)
{
    uint64_t starts = 0, ends = 0;
    int kept = 0;
    sort_down(found, n);
    for (int i = 0; i < n; i++) {
        uint64_t start = (uint64_t)1 << start_of(found[i]), end = (uint64_t)1 << end_of(found[i]);
        if (!(starts & start) && !(ends & end))
            starts |= start, ends |= end, found[kept++] = found[i];
    }
    return kept;
}

static int connect(const Field *f, int limb, const Peaks *from, const Peaks *to, Connection *found)
{
    int n = 0;
    for (int a = 0; a < from->n; a++)
        for (int b = 0; b < to->n; b++) {
            uint32_t score = align(f, &from->at[a], &to->at[b]);
            if (score)
                found[n++] = make_connection(score, limb, a, b);
        }
    return choose(found, n);
}

int find_connections(const OpenposeMaps *maps, const OpenposeSetup *setup, OpenposeScratch *scratch, int *n_body)
{
    int n = 0;
    uint64_t least = (uint64_t)setup->least_paf_q8;
    for (int i = 0; i < OPENPOSE_LIMBS; i++) {
        const Limb *limb = &openpose_limbs[i];
        Field field = {setup, maps->paf + limb->field, least * least, (setup->paf_zero_point + 128) * 256};
        if (i == OPENPOSE_BODY_LIMBS)
            *n_body = n;
        n += connect(&field, i, &scratch->peaks[limb->a], &scratch->peaks[limb->b], scratch->connections + n);
    }
    return n;
}
