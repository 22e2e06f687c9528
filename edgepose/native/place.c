/* Where decoded keypoints lie in the source picture. */
#include "kernels.h"

uint64_t root(uint64_t n)
{
    uint64_t found = 0, bit = (uint64_t)1 << 62;
    while (bit > n)
        bit >>= 2;
    for (; bit; bit >>= 2) {
        uint64_t trial = found + bit;
        found >>= 1;
        if (n >= trial)
            n -= trial, found += bit;
    }
    return found;
}

int32_t to_source_q4(int64_t cells_q24, int stride, int64_t origin_q16, int64_t scale_q16, int limit)
{
    int64_t input_q16 = (cells_q24 * stride) >> 8;
    int64_t source_q4 = (origin_q16 + ((input_q16 * scale_q16 + 32768) >> 16) + 2048) >> 12;
    int64_t most = (int64_t)limit << 4;
    return (int32_t)(source_q4 < 0 ? 0 : source_q4 > most ? most : source_q4);
}

void surround(int32_t *box, const int32_t *keypoints, const uint16_t *scores, int n, uint32_t visible)
{
    int any = 0;
    for (int j = 0; j < n; j++)
        any |= scores[j] >= visible;
    for (int axis = 0; axis < 2; axis++) {
        int32_t low = INT32_MAX, high = INT32_MIN;
        for (int j = 0; j < n; j++) {
            int32_t at = keypoints[2 * j + axis];
            if (any && scores[j] < visible)
                continue;
            low = at < low ? at : low, high = at > high ? at : high;
        }
        box[axis] = low, box[axis + 2] = high - low;
    }
}
