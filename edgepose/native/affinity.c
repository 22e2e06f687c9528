/* How well the people of a frame go with one track: OKS over common keypoints, and the boxes' overlap. */
#include "kernels.h"

enum { LEAST_COMMON = 3 };               /* keypoints; with fewer the boxes alone tell */

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/* 0..65536, the mean over the keypoints that both have; -1 where they are too few. */
static int64_t similarity(const AffinityTrack *t, const int64_t *keypoints, const int64_t *known)
{
    int64_t sum = 0, n = 0;
    for (int k = 0; k < t->n_keypoints; k++) {
        if (!(known[k] && t->known[k]))
            continue;
        int64_t dx = keypoints[2 * k] - t->keypoints[2 * k], dy = keypoints[2 * k + 1] - t->keypoints[2 * k + 1];
        int64_t exponent = (dx * dx + dy * dy) * t->factors[k] / t->area;
        sum += t->table[smaller(exponent, AFFINITY_TABLE - 1)], n++;
    }
    return n < LEAST_COMMON ? -1 : sum / n;
}

/* Intersection over union, 0..65536. */
static int64_t overlap(const int64_t *a, const int64_t *b, int64_t area)
{
    int64_t width = larger(smaller(a[2], b[2]) - larger(a[0], b[0]), 0);
    int64_t height = larger(smaller(a[3], b[3]) - larger(a[1], b[1]), 0), both = width * height;
    return (both << 16) / larger(area + (b[2] - b[0]) * (b[3] - b[1]) - both, 1);
}

void affinity(const AffinityTrack *track, const AffinityPeople *people, int64_t *out)
{
    int k = track->n_keypoints;
    for (int i = 0; i < people->n; i++) {
        int64_t boxes = overlap(people->corners + 4 * i, track->corners, people->areas[i]);
        int64_t oks = similarity(track, people->keypoints + 2 * k * i, people->known + k * i);
        out[i] = ((oks < 0 ? boxes : oks) + boxes) >> 1;
    }
}
