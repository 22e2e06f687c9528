/* Scales, converts and places one picture in a model's input, reading the camera's own planes.
 *
 * Every output row is made in two sums: rows down (sum_rows), then columns across (sum_columns).
 * Windows say which samples each output pixel covers and how much of the first and the last.
 * Shrinking averages the covered area, growing interpolates between two neighbours: the same
 * sums with other windows. YUV is converted at the small size.
 */
#include "kernels.h"

/* One entry an output pixel: samples first..last, the ends weighted in 256ths, those between whole. */
typedef struct {
    int32_t *first, *last;
    uint32_t *w_first, *w_last;
    uint32_t *inverse;           /* 2^31 / (sum of weights) */
} Windows;

/* One colour part of the picture (all three for packed ones). */
typedef struct {
    const uint8_t *data;
    ptrdiff_t line_size;
    Windows columns, rows;
    int source, step, offset;    /* plane; bytes from sample to sample, and to the first */
    int shift;                   /* fraction bits of its row sums */
    int from, to;                /* bytes of a line that any part of the same plane needs */
} Part;

typedef struct {
    int32_t *windows;
    uint16_t *rows;      /* sums of rows, a line */
    uint32_t *before;    /* running sums of a line */
    uint32_t *columns;   /* sums of columns, three output rows */
    uint8_t *levels;     /* three output rows */
} Scratch;

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

static void set_window(const Windows *w, int i, int64_t first, int64_t last, int64_t w_first, int64_t w_last,
                       int64_t total)
{
    w->first[i] = (int32_t)first, w->last[i] = (int32_t)last;
    w->w_first[i] = (uint32_t)w_first, w->w_last[i] = (uint32_t)w_last;
    w->inverse[i] = (1u << 31) / (uint32_t)total;
}

/* What lies between lo and hi (1/256 sample) of a line of n samples. */
static void set_area(const Windows *w, int i, int64_t lo, int64_t hi, int n)
{
    int64_t a = clamp(lo, 0, (int64_t)n << 8), b = clamp(hi, 0, (int64_t)n << 8);
    int64_t first = a >> 8, last = (b - 1) >> 8;
    if (b <= a || first == last)
        first = clamp(first, 0, n - 1), set_window(w, i, first, first, 256, 0, 256);
    else
        set_window(w, i, first, last, 256 - (a & 255), ((b - 1) & 255) + 1, b - a);
}

/* The two samples around a position (1/256 sample, from the first sample's centre). */
static void set_between(const Windows *w, int i, int64_t at, int n)
{
    int64_t c = clamp(at, 0, (int64_t)(n - 1) << 8), first = c >> 8;
    if (first == n - 1)
        set_window(w, i, first, first, 256, 0, 256);
    else
        set_window(w, i, first, first + 1, 256 - (c & 255), c & 255, 256);
}

/* Windows of the outputs from..to over a line of n samples, each 1 << sub source px wide. */
static void set_windows(const Windows *w, int from, int to, int64_t origin, int64_t scale, int sub, int n)
{
    for (int i = from; i < to; i++) {
        int64_t lo = origin + i * scale, hi = lo + scale;
        if ((scale >> sub) >= 65536)
            set_area(w, i, lo >> (8 + sub), hi >> (8 + sub), n);
        else
            set_between(w, i, ((lo + hi) >> (9 + sub)) - 128, n);
    }
}

/* Fraction bits that a sum of rows can carry in 16 bits. */
static int sum_shift(int64_t scale)
{
    int shift = 4;
    while (shift > 0 && (((scale >> 16) + 3) * 255) << shift > 65535)
        shift--;
    return shift;
}

EDGEPOSE_CLONES
static void sum_ends(uint16_t *restrict sums, const uint8_t *restrict a, const uint8_t *restrict b,
                     uint16_t wa, uint16_t wb, int shift, int n)
{
    uint16_t half = (uint16_t)(128 >> shift);
    if (wa == 256 && wb == 256) { /* whole ratios, such as 1080 rows to 108 */
        for (int x = 0; x < n; x++)
            sums[x] = (uint16_t)((a[x] + b[x]) << shift);
        return;
    }
    for (int x = 0; x < n; x++)
        sums[x] = (uint16_t)(((uint16_t)(a[x] * wa + half) >> (8 - shift))
                             + ((uint16_t)(b[x] * wb + half) >> (8 - shift)));
}

EDGEPOSE_CLONES
static void add_four(uint16_t *restrict sums, const uint8_t *restrict a, ptrdiff_t line, int shift, int n)
{
    const uint8_t *restrict b = a + line, *restrict c = b + line, *restrict d = c + line;
    for (int x = 0; x < n; x++)
        sums[x] = (uint16_t)(sums[x] + ((a[x] + b[x] + c[x] + d[x]) << shift));
}

EDGEPOSE_CLONES
static void add_one(uint16_t *restrict sums, const uint8_t *restrict a, int shift, int n)
{
    for (int x = 0; x < n; x++)
        sums[x] = (uint16_t)(sums[x] + (a[x] << shift));
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
    for (row += p->line_size; left >= 4; left -= 4, row += 4 * p->line_size)
        add_four(sums, row, p->line_size, p->shift, n);
    for (; left > 0; left--, row += p->line_size)
        add_one(sums, row, p->shift, n);
}

/* Sums of the columns of every window; they have 8 fraction bits more than the sums of rows.
 * before[x] becomes the sum of all samples left of x, so that no window needs a loop. */
static void sum_columns(uint32_t *restrict out, uint32_t *restrict before, const uint16_t *restrict sums,
                        const Windows *w, int from, int to, int step)
{
    uint32_t sum = 0;
    for (int x = w->first[from]; x <= w->last[to - 1]; x++)
        before[x] = sum, sum += sums[x * step];
    for (int i = from; i < to; i++) {
        int first = w->first[i], last = w->last[i];
        uint32_t middle = last > first ? before[last] - before[first] - sums[first * step] : 0;
        out[i] = sums[first * step] * w->w_first[i] + (middle << 8) + sums[last * step] * w->w_last[i];
    }
}

typedef uint16_t u16x4 __attribute__((vector_size(8)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));

static inline u32x4 load4(const uint16_t *at)
{
    u16x4 v;
    __builtin_memcpy(&v, at, sizeof v);
    return __builtin_convertvector(v, u32x4);
}

/* The same for three interleaved parts at once; out keeps them apart, `width` from one to the next. */
EDGEPOSE_CLONES
static void sum_columns3(uint32_t *restrict out, int width, const uint16_t *restrict sums, const Windows *w, int from,
                         int to)
{
    for (int i = from; i < to; i++) {
        const uint16_t *at = sums + w->first[i] * 3, *end = sums + w->last[i] * 3;
        u32x4 sum = load4(at) * w->w_first[i] + load4(end) * w->w_last[i], middle = {0, 0, 0, 0};
        for (at += 3; at < end; at += 3)
            middle += load4(at);
        sum += middle << 8;
        out[i] = sum[0], out[width + i] = sum[1], out[2 * width + i] = sum[2];
    }
}

/* Undoes the weights across and down, rounds and saturates. */
EDGEPOSE_CLONES
static void settle(uint8_t *restrict out, const uint32_t *restrict sums, const uint32_t *restrict inverse_x,
                   uint32_t inverse_y, int shift, int from, int to)
{
    for (int i = from; i < to; i++) {
        uint32_t across = (uint32_t)(((uint64_t)sums[i] * inverse_x[i]) >> 15);
        uint32_t level = (uint32_t)(((uint64_t)across * inverse_y + ((uint64_t)1 << (38 + shift))) >> (39 + shift));
        out[i] = level > 255 ? 255 : (uint8_t)level;
    }
}

static uint8_t level(int32_t q14)
{
    int32_t v = (q14 + 8192) >> 14;
    return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

/* In place, Y U V to B G R. colour: offset of luma, then Q14 factors of luma, R from V, G from U, G from V, B from U. */
EDGEPOSE_CLONES
static void convert_yuv(uint8_t *restrict y, uint8_t *restrict u, uint8_t *restrict v, const int32_t *restrict colour,
                        int from, int to)
{
    for (int i = from; i < to; i++) {
        int32_t l = (y[i] - colour[0]) * colour[1], cu = u[i] - 128, cv = v[i] - 128;
        y[i] = level(l + cu * colour[5]);
        u[i] = level(l - cu * colour[3] - cv * colour[4]);
        v[i] = level(l + cv * colour[2]);
    }
}

static void interleave(uint8_t *restrict out, const uint8_t *restrict a, const uint8_t *restrict b,
                       const uint8_t *restrict c, int from, int to)
{
    for (int i = from; i < to; i++)
        out[3 * i] = a[i], out[3 * i + 1] = b[i], out[3 * i + 2] = c[i];
}

static int longer(int a, int b)
{
    return a > b ? a : b;
}

/* Where the parts of the scratch begin: 20 arrays of windows (two subsamplings, across and down), then the rest.
 * load4 reads past the sums of rows. */
typedef struct {
    size_t rows, before, columns, levels, end;
} Layout;

static Layout lay_out(int source_width, int width, int height)
{
    Layout at;
    at.rows = sizeof(int32_t) * 20 * (size_t)longer(width, height);
    at.before = at.rows + sizeof(uint16_t) * ((size_t)source_width * 4 + 8);
    at.columns = at.before + sizeof(uint32_t) * (size_t)source_width;
    at.levels = at.columns + sizeof(uint32_t) * 3 * (size_t)width;
    at.end = at.levels + 3 * (size_t)width;
    return at;
}

size_t letterbox_scratch_bytes(int source_width, int width, int height)
{
    return lay_out(source_width, width, height).end;
}

static Scratch divide(uint8_t *memory, int source_width, int width, int height)
{
    Layout at = lay_out(source_width, width, height);
    Scratch s = {(int32_t *)memory, (uint16_t *)(memory + at.rows), (uint32_t *)(memory + at.before),
                 (uint32_t *)(memory + at.columns), memory + at.levels};
    return s;
}

static Windows windows_at(int32_t *memory, int n)
{
    Windows w = {memory, memory + n, (uint32_t *)memory + 2 * n, (uint32_t *)memory + 3 * n,
                 (uint32_t *)memory + 4 * n};
    return w;
}

void letterbox_windows(int32_t *windows, int side, int from, int to, int64_t origin, int64_t scale, int sub, int n)
{
    Windows w = windows_at(windows, side);
    set_windows(&w, from, to, origin, scale, sub, n);
}

/* A part whose samples each span 1 << sub_x by 1 << sub_y px. */
static Part lay_part(const Picture *p, const Geometry *g, int source, int32_t *memory, int sub_x, int sub_y)
{
    int n = longer(g->width, g->height);
    Windows columns = windows_at(memory, n), rows = windows_at(memory + 5 * n, n);
    set_windows(&columns, g->col0, g->col1, g->x0_q16, g->scale_q16, sub_x, (p->width + sub_x) >> sub_x);
    set_windows(&rows, g->row0, g->row1, g->y0_q16, g->scale_q16, sub_y, (p->height + sub_y) >> sub_y);
    Part part = {p->data[source], p->line_size[source], columns, rows, source, 1, 0,
                 sum_shift(g->scale_q16 >> sub_y), 0, 0};
    return part;
}

/* Sets the bytes of a line that the parts of each plane need together. */
static void lay_spans(Part *parts, int n, const Geometry *g)
{
    for (int i = 0; i < n; i++) {
        parts[i].from = parts[i].columns.first[g->col0] * parts[i].step;
        parts[i].to = (parts[i].columns.last[g->col1 - 1] + 1) * parts[i].step;
    }
    for (int i = n - 1; i > 0; i--)
        if (parts[i - 1].source == parts[i].source) {
            if (parts[i].from < parts[i - 1].from)
                parts[i - 1].from = parts[i].from;
            if (parts[i].to > parts[i - 1].to)
                parts[i - 1].to = parts[i].to;
        }
}

/* Describes the parts of a picture; returns how many. */
static int lay_parts(Part *parts, const Picture *p, const Geometry *g, int32_t *windows)
{
    int yuyv = p->format == FORMAT_YUYV, nv12 = p->format == FORMAT_NV12;
    int n = p->format == FORMAT_PACKED || p->format == FORMAT_GRAY ? 1 : 3;
    parts[0] = lay_part(p, g, 0, windows, 0, 0);
    parts[0].step = p->format == FORMAT_PACKED ? 3 : yuyv ? 2 : 1;
    for (int i = 1; i < n; i++) {
        parts[i] = lay_part(p, g, yuyv ? 0 : nv12 ? 1 : i, windows + 10 * longer(g->width, g->height), 1, !yuyv);
        parts[i].step = yuyv ? 4 : nv12 ? 2 : 1;
        parts[i].offset = yuyv ? 2 * i - 1 : nv12 ? i - 1 : 0;
    }
    lay_spans(parts, n, g);
    return n;
}

/* The levels of one output row, part by part. */
static void fill_levels(const Scratch *s, const Part *parts, int n, int row, int packed, const Geometry *g)
{
    for (int i = 0; i < n; i++) {
        const Part *p = &parts[i];
        if (i == 0 || p->source != parts[i - 1].source)
            sum_rows(s->rows, p, row);
        if (packed)
            sum_columns3(s->columns, g->width, s->rows, &p->columns, g->col0, g->col1);
        else
            sum_columns(s->columns + i * g->width, s->before, s->rows + p->offset, &p->columns, g->col0, g->col1, p->step);
    }
    for (int c = 0; c < (packed ? 3 : n); c++) {
        const Part *p = &parts[packed ? 0 : c];
        settle(s->levels + c * g->width, s->columns + c * g->width, p->columns.inverse, p->rows.inverse[row],
               p->shift, g->col0, g->col1);
    }
}

void letterbox(uint8_t *tensor, void *memory, const Picture *p, const Geometry *g, const int32_t *colour, int swap)
{
    Part parts[3];
    if (g->col0 >= g->col1 || g->row0 >= g->row1)
        return;
    Scratch s = divide(memory, p->width, g->width, g->height);
    uint8_t *a = s.levels, *b = a + g->width, *c = b + g->width;
    int n = lay_parts(parts, p, g, s.windows), gray = p->format == FORMAT_GRAY;
    for (int row = g->row0; row < g->row1; row++) {
        fill_levels(&s, parts, n, row, p->format == FORMAT_PACKED, g);
        if (n == 3)
            convert_yuv(a, b, c, colour, g->col0, g->col1);
        uint8_t *first = swap && !gray ? c : a, *second = gray ? a : b, *third = gray || swap ? a : c;
        interleave(tensor + (ptrdiff_t)row * g->width * 3, first, second, third, g->col0, g->col1);
    }
}
