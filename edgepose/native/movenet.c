/* MoveNet's decode in integers: the strongest centre or every one, its joints' rough places, the peak nearest to each.
 *
 * A cell's worth is its score over (distance + 1.8). Two cells are compared by cross-multiplying, so
 * nothing is divided and nothing is rounded but the distance, which has 24 fraction bits.
 */
#include <string.h>

#include "kernels.h"

#define SOFTEN_Q24 30198989 /* 1.8, the constant that MoveNet adds to a distance */

typedef struct {
    const int8_t *map;         /* first cell of the channel */
    const uint32_t *worth;     /* Q31 score of each stored value, from -128 on */
    int64_t y_q24, x_q24;      /* where the channel's peak is expected, cells */
    int grid, step;            /* cells a side; bytes from cell to cell */
    const int8_t *most;        /* the largest value of each of its rows, `step` from row to row */
} Search;

typedef struct {
    int y, x;
    uint32_t score;            /* Q31 */
    uint64_t softened;         /* distance + 1.8, Q24 */
} Cell;

static uint64_t magnitude(int64_t v)
{
    return (uint64_t)(v < 0 ? -v : v);
}

static Cell look(const Search *s, int y, int x)
{
    uint64_t dy = magnitude(((int64_t)y << 24) - s->y_q24), dx = magnitude(((int64_t)x << 24) - s->x_q24);
    Cell cell = {y, x, s->worth[s->map[(y * s->grid + x) * s->step] + 128], root(dy * dy + dx * dx) + SOFTEN_Q24};
    return cell;
}

/* On a draw the cell that is read first wins. */
static int beats(const Cell *a, const Cell *b)
{
    uint64_t mine = a->score * b->softened, other = b->score * a->softened;
    return mine > other || (mine == other && (a->y < b->y || (a->y == b->y && a->x < b->x)));
}

/* Whether a score at this distance or farther cannot reach the best. */
static int hopeless(uint32_t score, uint64_t distance, const Cell *best)
{
    return score * best->softened < best->score * (distance + SOFTEN_Q24);
}

static int nearest(int64_t at_q24, int grid)
{
    int64_t cell = (at_q24 + (1 << 23)) >> 24;
    return cell < 0 ? 0 : cell >= grid ? grid - 1 : (int)cell;
}

/* The least stored value that may win in a row, by the row's distance alone; 128 where none does. */
static int least_of_row(const Search *s, int y, const Cell *best)
{
    uint64_t far = magnitude(((int64_t)y << 24) - s->y_q24);
    int value = s->most[y * s->step];
    if (hopeless(s->worth[value + 128], far, best))
        return 128;
    while (value > -128 && !hopeless(s->worth[value + 127], far, best))
        value--;
    return value;
}

/* The worthiest cell of a channel; what cannot win is passed over by its value, or the longer side of its distance. */
static Cell find(const Search *s)
{
    Cell best = look(s, nearest(s->y_q24, s->grid), nearest(s->x_q24, s->grid));
    for (int y = 0; y < s->grid; y++) {
        const int8_t *row = s->map + (ptrdiff_t)y * s->grid * s->step;
        int least = least_of_row(s, y, &best);
        for (int x = 0; x < s->grid && least < 128; x++) {
            int value = row[x * s->step];
            if (value < least || hopeless(s->worth[value + 128], magnitude(((int64_t)x << 24) - s->x_q24), &best))
                continue;
            Cell cell = look(s, y, x);
            if (beats(&cell, &best))
                best = cell;
        }
    }
    return best;
}

EDGEPOSE_HOT
static void raise_to(int8_t *restrict most, const int8_t *restrict row, int n)
{
    for (int i = 0; i < n; i++)
        most[i] = most[i] > row[i] ? most[i] : row[i];
}

/* The largest stored value of every channel in every row: (grid, n), by halves of a row as long as they are. */
static void find_most(int8_t *most, const int8_t *map, int grid, int n)
{
    int8_t line[(MOVENET_MAX_GRID + 1) / 2 * MOVENET_MAX_KEYPOINTS];
    for (int y = 0; y < grid; y++, most += n, map += grid * n) {
        int left = (grid + 1) / 2;
        memcpy(line, map, (size_t)(left * n));
        raise_to(line, map + left * n, (grid - left) * n);
        for (int half; left > 1; left = half) {
            half = (left + 1) / 2;
            raise_to(line, line + half * n, (left - half) * n);
        }
        memcpy(most, line, (size_t)n);
    }
}

static int64_t real_q24(const Quantised *q, const int8_t *at)
{
    return ((*at - q->zero_point) * q->scale_q40) >> 16;
}

static uint16_t to_score_q16(uint32_t q31)
{
    return (uint16_t)(((uint64_t)q31 * 65535 + (1u << 30)) >> 31);
}

static Cell find_center(const MovenetHeads *h, const MovenetSetup *m)
{
    int8_t most[MOVENET_MAX_GRID];
    find_most(most, h->center, m->grid, 1);
    int64_t middle = (int64_t)(m->grid / 2) << 24;
    Search s = {h->center, h->center_scores, middle, middle, m->grid, 1, most};
    return find(&s);
}

static Cell find_joint(const MovenetHeads *h, const MovenetSetup *m, const Cell *center, int joint,
                       const int8_t *most)
{
    const int8_t *rough = h->regress + (ptrdiff_t)(center->y * m->grid + center->x) * 2 * m->n_keypoints + 2 * joint;
    Search s = {h->heatmap + joint, h->heatmap_scores, ((int64_t)center->y << 24) + real_q24(&m->regress, rough),
                ((int64_t)center->x << 24) + real_q24(&m->regress, rough + 1), m->grid, m->n_keypoints,
                most + joint};
    return find(&s);
}

static uint32_t decode_at(const MovenetHeads *h, const MovenetSetup *m, const Placement *at, const Cell *center,
                          const int8_t *most, int32_t *keypoints_q4, uint16_t *scores_q16, int32_t *box_q4)
{
    uint32_t sum = 0;
    for (int j = 0; j < m->n_keypoints; j++) {
        Cell cell = find_joint(h, m, center, j, most);
        const int8_t *off = h->offset + (ptrdiff_t)(cell.y * m->grid + cell.x) * 2 * m->n_keypoints + 2 * j;
        int64_t y = ((int64_t)cell.y << 24) + real_q24(&m->offset, off);
        int64_t x = ((int64_t)cell.x << 24) + real_q24(&m->offset, off + 1);
        keypoints_q4[2 * j] = to_source_q4(x, m->stride, at->x0_q16, at->scale_q16, at->width);
        keypoints_q4[2 * j + 1] = to_source_q4(y, m->stride, at->y0_q16, at->scale_q16, at->height);
        sum += scores_q16[j] = to_score_q16(cell.score);
    }
    surround(box_q4, keypoints_q4, scores_q16, m->n_keypoints, m->visible_q16);
    return sum / (uint32_t)m->n_keypoints;
}

uint32_t movenet(const MovenetHeads *h, const MovenetSetup *m, const Placement *at, int32_t *keypoints_q4,
                 uint16_t *scores_q16, int32_t *box_q4)
{
    int8_t most[MOVENET_MAX_GRID * MOVENET_MAX_KEYPOINTS];
    Cell center = find_center(h, m);
    find_most(most, h->heatmap, m->grid, m->n_keypoints);
    return decode_at(h, m, at, &center, most, keypoints_q4, scores_q16, box_q4);
}

/* Whether no cell around exceeds this one, and none that is read before it equals it: a plateau counts once. */
static int is_peak(const int8_t *map, int grid, int y, int x)
{
    int value = map[y * grid + x];
    for (int v = y > 0 ? y - 1 : 0; v <= y + 1 && v < grid; v++)
        for (int u = x > 0 ? x - 1 : 0; u <= x + 1 && u < grid; u++) {
            int before = v < y || (v == y && u < x);
            if ((v != y || u != x) && map[v * grid + u] + before > value)
                return 0;
        }
    return 1;
}

/* Puts a centre in its place among the best so far, of equals behind; returns how many there are. */
static int insert(Cell *centers, int n, int capacity, const Cell *center)
{
    int place = n;
    while (place > 0 && centers[place - 1].score < center->score)
        place--;
    if (place == capacity)
        return n;
    n += n < capacity;
    memmove(&centers[place + 1], &centers[place], sizeof(Cell) * (size_t)(n - 1 - place));
    centers[place] = *center;
    return n;
}

/* The peaks of the centre from a score on, the best first; the number of them. */
static int find_centers(Cell *centers, const MovenetHeads *h, const MovenetSetup *m, uint32_t least_q16, int capacity)
{
    int8_t most[MOVENET_MAX_GRID];
    int n = 0;
    find_most(most, h->center, m->grid, 1);
    for (int y = 0; y < m->grid; y++)
        for (int x = 0; x < m->grid && to_score_q16(h->center_scores[most[y] + 128]) >= least_q16; x++) {
            Cell cell = {y, x, h->center_scores[h->center[y * m->grid + x] + 128], 0};
            if (to_score_q16(cell.score) >= least_q16 && is_peak(h->center, m->grid, y, x))
                n = insert(centers, n, capacity, &cell);
        }
    return n;
}

int movenet_people(const MovenetHeads *h, const MovenetSetup *m, uint32_t least_q16, const Placement *at,
                   const MovenetResult *result)
{
    Cell centers[MOVENET_MAX_PEOPLE];
    int8_t most[MOVENET_MAX_GRID * MOVENET_MAX_KEYPOINTS];
    int n = find_centers(centers, h, m, least_q16, result->capacity), k = m->n_keypoints;
    find_most(most, h->heatmap, m->grid, k);
    for (int i = 0; i < n; i++) {
        decode_at(h, m, at, &centers[i], most, result->keypoints_q4 + 2 * k * i, result->keypoint_scores_q16 + k * i,
                  result->boxes_q4 + 4 * i);
        result->scores_q16[i] = to_score_q16(centers[i].score);
    }
    return n;
}
