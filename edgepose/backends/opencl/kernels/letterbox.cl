/* The letterbox of edgepose/native/letterbox.c with its bits: rows are summed first, then columns. What is summed
   stands in `g`, as sampling.py writes it; the names of its numbers are put in front by canvas.py. */

/* Samples first..last of a line, the ends weighted in 256ths, those between whole; inverse is 2^31 / (sum of weights). */
typedef struct { int first, last; uint w_first, w_last, inverse; } WINDOW;

static WINDOW window(global const int *g, int set, int i)
{
    const int side = g[SIDE];
    global const int *at = g + WINDOWS + set * 5 * side + i;
    WINDOW w;
    w.first = at[0];
    w.last = at[side];
    w.w_first = at[2 * side];
    w.w_last = at[3 * side];
    w.inverse = at[4 * side];
    return w;
}

static global const int *plane_of(int plane, global const int *g) { return g + PLANES + plane * N_PLANE_NUMBERS; }

/* A work-item sums four bytes of the rows behind one output row: neighbours read neighbouring bytes. */
kernel void sum_rows(global const uchar *picture, global const int *g, global ushort *sums)
{
    const int at = get_global_id(0), y = get_global_id(1);
    global const int *plane = plane_of(get_global_id(2), g);
    if (at >= plane[N_VECTORS] || y >= g[ROWS])
        return;
    const WINDOW w = window(g, plane[DOWN], g[FIRST_ROW] + y);
    const int byte = 4 * (plane[FIRST_VECTOR] + at), line = plane[LINE], shift = plane[SHIFT];
    global const uchar *rows = picture + plane[PLANE_AT] + byte;
    const uint4 rounding = (uint4)(128 >> shift), down = (uint4)(8 - shift);
    uint4 sum = ((convert_uint4(vload4(0, rows + w.first * line)) * w.w_first + rounding) >> down)
                + ((convert_uint4(vload4(0, rows + w.last * line)) * w.w_last + rounding) >> down);
    uint4 middle = (uint4)(0);
    for (int row = w.first + 1; row < w.last; row++)
        middle += convert_uint4(vload4(0, rows + row * line));
    sum += middle << (uint4)(shift);
    vstore4(convert_ushort4(sum), 0, sums + plane[SUMS_AT] + y * plane[SUMS_ROW] + byte);
}

/* One colour part of an output pixel, 0..255: its columns summed, then both weights undone. The 64-bit products of
   the C kernel are shifted by so much that their low words do not count, or only in one place. */
static int level(int number, int x, int y, global const int *g, global const ushort *sums)
{
    global const int *part = g + PARTS + number * N_PART_NUMBERS, *plane = plane_of(part[PLANE], g);
    const WINDOW w = window(g, part[ACROSS], g[FIRST_COLUMN] + x);
    const int step = part[STEP], shift = plane[SHIFT];
    sums += plane[SUMS_AT] + y * plane[SUMS_ROW] + part[OFFSET];
    uint middle = 0;
    for (int column = w.first + 1; column < w.last; column++)
        middle += sums[column * step];
    const uint sum = sums[w.first * step] * w.w_first + (middle << 8) + sums[w.last * step] * w.w_last;
    const uint across = (mul_hi(sum, w.inverse) << 17) | ((sum * w.inverse) >> 15);
    const uint down = mul_hi(across, window(g, plane[DOWN], g[FIRST_ROW] + y).inverse);
    return min((down + (1u << (6 + shift))) >> (7 + shift), 255u);
}

static uchar from_q14(int q14) { return (uchar)clamp((q14 + 8192) >> 14, 0, 255); }

/* Y U V to B G R. COLOUR: offset of luma, then Q14 factors of luma, R from V, G from U, G from V, B from U. */
static uchar4 convert_yuv(int y, int u, int v, global const int *colour)
{
    const int luma = (y - colour[0]) * colour[1];
    u -= 128;
    v -= 128;
    return (uchar4)(from_q14(luma + u * colour[5]), from_q14(luma - u * colour[3] - v * colour[4]),
                    from_q14(luma + v * colour[2]), 0);
}

/* A work-item makes one pixel of the network's input. */
kernel void place(global uchar *arena, global const int *g, global const ushort *sums)
{
    const int x = get_global_id(0), y = get_global_id(1);
    if (x >= g[COLUMNS] || y >= g[ROWS])
        return;
    const int first = level(0, x, y, g, sums);
    uchar4 pixel = (uchar4)(first);
    if (g[N_PARTS] == 3) {
        const int second = level(1, x, y, g, sums), third = level(2, x, y, g, sums);
        pixel = g[IS_YUV] ? convert_yuv(first, second, third, g + COLOUR)
                          : (uchar4)(first, second, third, 0);
    }
    global uchar *out = arena + g[AT] + (g[FIRST_ROW] + y) * g[ROW] + 3 * (g[FIRST_COLUMN] + x);
    out[0] = g[REVERSED] ? pixel.z : pixel.x;
    out[1] = pixel.y;
    out[2] = g[REVERSED] ? pixel.x : pixel.z;
}
