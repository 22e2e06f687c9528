/* Scales, converts and places one picture in a model's input, reading the camera's own planes.
 *
 * Every output row is made in two sums: rows down (rows.c), then columns across (columns.c).
 * Windows say which samples each output pixel covers and how much of the first and the last.
 * Shrinking averages the covered area, growing interpolates between two neighbours: the same
 * sums with other windows. YUV is converted at the small size (colours.c).
 */
#include "letterbox.h"

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
    at.side = (size_t)letterbox_whole(width);
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
    Windows columns = letterbox_windows_at(memory, n), rows = letterbox_windows_at(memory + 5 * n, n);
    letterbox_set_windows(&columns, g->col0, g->col1, g->x0_q16, g->scale_q16, sub_x, (p->width + sub_x) >> sub_x);
    letterbox_set_windows(&rows, g->row0, g->row1, g->y0_q16, g->scale_q16, sub_y, (p->height + sub_y) >> sub_y);
    return (Part){.columns = columns, .rows = rows, .shift = letterbox_row_shift(g->scale_q16 >> sub_y)};
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
            letterbox_sum_rows(s, p, row, n_rows);
            letterbox_turn(s, p);
        }
        letterbox_sum_columns(s, p, i, g);
    }
}

void letterbox(uint8_t *tensor, void *memory, const Picture *p, const Geometry *g, const int32_t *colour, int swap)
{
    Part parts[3];
    if (g->col0 >= g->col1 || g->row0 >= g->row1)
        return;
    Scratch s = divide(memory, p->width, g->width, g->height);
    int n = lay_parts(parts, p, g, s.windows);
    for (int row = g->row0; row < g->row1; row++) {
        int left = g->row1 - row;
        if ((row - g->row0) % LANES == 0)
            sum_group(&s, parts, n, row, left < LANES ? left : LANES, g);
        letterbox_settle(&s, parts, n, row, g);
        letterbox_write(tensor + ((ptrdiff_t)row * g->width + g->col0) * 3, &s, p->format, colour, swap,
                        g->col1 - g->col0);
    }
}
