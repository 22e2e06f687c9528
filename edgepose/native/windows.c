/* Windows: which samples of a line each output pixel covers, and how much of the first and the last. */
#include "letterbox.h"

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

/* Returns the sum of its weights. */
static uint32_t set_window(const Windows *w, int i, int64_t first, int64_t last, int64_t w_first, int64_t w_last)
{
    w->first[i] = (int32_t)first, w->last[i] = (int32_t)last;
    w->w_first[i] = (uint32_t)w_first, w->w_last[i] = (uint32_t)w_last;
    return (uint32_t)(w_first + w_last + (last > first ? (last - first - 1) << 8 : 0));
}

/* What lies between lo and hi (1/256 sample) of a line of n samples. */
static uint32_t set_area(const Windows *w, int i, int64_t lo, int64_t hi, int n)
{
    int64_t a = clamp(lo, 0, (int64_t)n << 8), b = clamp(hi, 0, (int64_t)n << 8);
    int64_t first = a >> 8, last = (b - 1) >> 8;
    if (b <= a || first == last)
        return first = clamp(first, 0, n - 1), set_window(w, i, first, first, 256, 0);
    return set_window(w, i, first, last, 256 - (a & 255), ((b - 1) & 255) + 1);
}

/* The two samples around a position (1/256 sample, from the first sample's centre). */
static uint32_t set_between(const Windows *w, int i, int64_t at, int n)
{
    int64_t c = clamp(at, 0, (int64_t)(n - 1) << 8), first = c >> 8;
    if (first == n - 1)
        return set_window(w, i, first, first, 256, 0);
    return set_window(w, i, first, first + 1, 256 - (c & 255), c & 255);
}

/* Windows of the outputs from..to over a line of n samples, each 1 << sub source px wide. Many have the weight of the
 * one before, and 32-bit ARM divides by a call. */
void letterbox_set_windows(const Windows *w, int from, int to, int64_t origin, int64_t scale, int sub, int n)
{
    uint32_t weight = 256, inverse = (1u << 31) / weight;
    for (int i = from; i < to; i++) {
        int64_t lo = origin + i * scale, hi = lo + scale;
        uint32_t found = (scale >> sub) >= 65536 ? set_area(w, i, lo >> (8 + sub), hi >> (8 + sub), n)
                                                 : set_between(w, i, ((lo + hi) >> (9 + sub)) - 128, n);
        if (found != weight)
            weight = found, inverse = (1u << 31) / weight;
        w->inverse[i] = inverse;
    }
}

Windows letterbox_windows_at(int32_t *memory, int n)
{
    Windows w = {memory, memory + n, (uint32_t *)memory + 2 * n, (uint32_t *)memory + 3 * n,
                 (uint32_t *)memory + 4 * n};
    return w;
}

void letterbox_windows(int32_t *windows, int side, int from, int to, int64_t origin, int64_t scale, int sub, int n)
{
    Windows w = letterbox_windows_at(windows, side);
    letterbox_set_windows(&w, from, to, origin, scale, sub, n);
}
