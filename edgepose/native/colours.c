/* Colours: the levels of a row become pixels, in the order that the model reads. */
#include "letterbox.h"

#ifdef __ARM_NEON
#include <arm_neon.h>
#endif

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
    for (int i = 0; i < letterbox_whole(n); i++) {
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

void letterbox_write(uint8_t *out, const Scratch *s, int format, const int32_t *colour, int swap, int n)
{
    int gray = format == FORMAT_GRAY, yuv = !gray && format != FORMAT_PACKED;
    uint8_t *a = s->levels, *b = a + s->side, *c = b + s->side;
    if (yuv)
        convert_yuv(a, b, c, colour, n);
    uint8_t *first = swap && !gray ? c : a, *second = gray ? a : b, *third = gray || swap ? a : c;
    interleave(out, first, second, third, n);
}
