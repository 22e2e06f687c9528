/* Peaks of Lightweight OpenPose's heatmaps: one for every plateau that nothing around it exceeds, between the cells
 * by the logarithms of its neighbours, which are a parabola where the peak is a Gaussian. */
#include <string.h>

#include "kernels.h"

enum { LOWER, HIGHEST, SEEN };           /* marks of a cell */

typedef struct {
    const OpenposeMaps *maps;
    const OpenposeSetup *setup;
    OpenposeScratch *scratch;
    int row;                             /* bytes of a row with its border */
    int around[8];                       /* the way to a cell's neighbours, bytes */
} Search;

/* Without the background, whose large plateaus nobody asks for. */
static void copy_with_border(const Search *s)
{
    int rows = s->setup->rows, bytes = s->setup->columns * OPENPOSE_HEATMAPS;
    memset(s->scratch->map, -128, (size_t)s->row);
    memset(s->scratch->map + (rows + 1) * s->row, -128, (size_t)s->row);
    for (int y = 0; y < rows; y++) {
        int8_t *row = s->scratch->map + (y + 1) * s->row + OPENPOSE_HEATMAPS;
        memcpy(row, s->maps->heatmap + y * bytes, (size_t)bytes);
        for (int i = OPENPOSE_KEYPOINTS; i < bytes; i += OPENPOSE_HEATMAPS)
            row[i] = -128;
        memset(row - OPENPOSE_HEATMAPS, -128, OPENPOSE_HEATMAPS), memset(row + bytes, -128, OPENPOSE_HEATMAPS);
    }
}

static inline int8_t larger(int8_t a, int8_t b) { return a > b ? a : b; }

/* The largest of three rows, cell by cell; written so that compilers find the vectors in it, as is `mark`. */
EDGEPOSE_HOT
static void raise_to(int8_t *restrict most, const int8_t *restrict at, int n, int row)
{
    const int8_t *restrict above = at - row, *restrict below = at + row;
    for (int i = 0; i < n; i++)
        most[i] = larger(larger(above[i], below[i]), at[i]);
}

/* Marks cells that score enough and that no neighbour exceeds. most: of the rows around, from the cell before. */
EDGEPOSE_HOT
static void mark(uint8_t *restrict marks, const int8_t *restrict at, const int8_t *restrict most, int n, int8_t least)
{
    const int8_t *restrict here = most + OPENPOSE_HEATMAPS, *restrict right = here + OPENPOSE_HEATMAPS;
    for (int i = 0; i < n; i++)
        marks[i] = at[i] >= larger(larger(larger(most[i], right[i]), here[i]), least) ? HIGHEST : LOWER;
}

static void mark_all(const Search *s)
{
    int8_t most[(OPENPOSE_MAX_SIDE + 2) * OPENPOSE_HEATMAPS];
    int n = s->setup->columns * OPENPOSE_HEATMAPS;
    for (int y = 1; y <= s->setup->rows; y++) {
        int first = y * s->row, last = first + OPENPOSE_HEATMAPS + n;
        raise_to(most, s->scratch->map + first, s->row, s->row);
        mark(s->scratch->marks + first + OPENPOSE_HEATMAPS, s->scratch->map + first + OPENPOSE_HEATMAPS, most, n,
             (int8_t)s->setup->least_peak);
        memset(s->scratch->marks + first, LOWER, OPENPOSE_HEATMAPS);
        memset(s->scratch->marks + last, LOWER, OPENPOSE_HEATMAPS);
    }
}

/* Queues the cells of a plateau; returns how many they are, negative where something around exceeds them. */
static int flood(const Search *s, int start)
{
    const int8_t *map = s->scratch->map;
    uint8_t *marks = s->scratch->marks;
    int32_t *queue = s->scratch->queue;
    int n = 1, is_peak = 1;
    queue[0] = start, marks[start] = SEEN;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < 8; j++) {
            int cell = queue[i] + s->around[j];
            is_peak &= map[cell] <= map[start];
            if (map[cell] == map[start] && marks[cell] != SEEN)
                marks[cell] = SEEN, queue[n++] = cell;
        }
    return is_peak ? n : -n;
}

static int column(const Search *s, int cell) { return cell % s->row / OPENPOSE_HEATMAPS - 1; }
static int line(const Search *s, int cell) { return cell / s->row - 1; }

/* The cell of a queued plateau that is nearest to its middle, of equals the first. */
static int middle(const Search *s, int n)
{
    const int32_t *queue = s->scratch->queue;
    int64_t sum_x = 0, sum_y = 0, least = INT64_MAX;
    int best = queue[0];
    for (int i = 0; i < n; i++)
        sum_x += column(s, queue[i]), sum_y += line(s, queue[i]);
    for (int i = 0; i < n; i++) {
        int64_t dx = (int64_t)n * column(s, queue[i]) - sum_x, dy = (int64_t)n * line(s, queue[i]) - sum_y;
        int64_t far = dx * dx + dy * dy;
        if (far < least || (far == least && queue[i] < best))
            least = far, best = queue[i];
    }
    return best;
}

/* How far the top of a Gaussian lies from the highest of three cells, -1/2 to 1/2 cell. */
static int32_t shift_q8(const int32_t *logs, const int8_t *at, int step)
{
    int64_t up = (int64_t)logs[at[0] + 128] - logs[at[-step] + 128];
    int64_t down = (int64_t)logs[at[0] + 128] - logs[at[step] + 128], both = up + down;
    return up >= 0 && down >= 0 && both > 0 ? (int32_t)((up * 256 + both / 2) / both) - 128 : 0;
}

static Peak refine(const Search *s, int cell)
{
    const int8_t *at = s->scratch->map + cell;
    int x = column(s, cell), y = line(s, cell);
    Peak peak = {x * 256, y * 256, s->maps->scores[*at + 128]};
    if (x > 0 && x < s->setup->columns - 1)
        peak.x_q8 += shift_q8(s->maps->logs, at, OPENPOSE_HEATMAPS);
    if (y > 0 && y < s->setup->rows - 1)
        peak.y_q8 += shift_q8(s->maps->logs, at, s->row);
    return peak;
}

/* Adds a peak; a full list loses its worst, of equals the last. */
static void keep(Peaks *list, const Peak *peak)
{
    if (list->n == MAX_PEAKS) {
        int worst = 0;
        for (int i = 1; i < MAX_PEAKS; i++)
            worst = list->at[i].score_q16 <= list->at[worst].score_q16 ? i : worst;
        if (peak->score_q16 <= list->at[worst].score_q16)
            return;
        memmove(&list->at[worst], &list->at[worst + 1], sizeof(Peak) * (size_t)(MAX_PEAKS - 1 - worst));
        list->n--;
    }
    list->at[list->n++] = *peak;
}

static void visit(const Search *s, int cell)
{
    int n = flood(s, cell);
    if (n < 0)
        return;
    Peak peak = refine(s, n > 1 ? middle(s, n) : cell);
    keep(&s->scratch->peaks[cell % OPENPOSE_HEATMAPS], &peak);
}

void find_peaks(const OpenposeMaps *maps, const OpenposeSetup *setup, OpenposeScratch *scratch)
{
    enum { NEXT = OPENPOSE_HEATMAPS };
    int row = (setup->columns + 2) * NEXT, past = (setup->rows + 1) * row;
    Search s = {maps, setup, scratch, row,
                {-row - NEXT, -row, -row + NEXT, -NEXT, NEXT, row - NEXT, row, row + NEXT}};
    copy_with_border(&s);
    mark_all(&s);
    for (int k = 0; k < OPENPOSE_KEYPOINTS; k++)
        scratch->peaks[k].n = 0;
    for (const uint8_t *marks = scratch->marks, *at = marks + row;
         (at = memchr(at, HIGHEST, (size_t)(marks + past - at))); at++)
        visit(&s, (int)(at - marks));
}
