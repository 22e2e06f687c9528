/* Lightweight OpenPose's decode in integers: peaks, the limbs between them, the people that they make. */
#include "kernels.h"

enum { LEAST_KEYPOINTS = 3 };            /* fewer are no pose */

static size_t cells(int rows, int columns) { return (size_t)rows * (size_t)columns; }

static size_t map_bytes(int rows, int columns) { return cells(rows + 2, columns + 2) * OPENPOSE_HEATMAPS; }

size_t openpose_scratch_bytes(int rows, int columns)
{
    return sizeof(OpenposeScratch) + cells(rows, columns) * sizeof(int32_t) + 2 * map_bytes(rows, columns);
}

static OpenposeScratch *lay_out(void *memory, const OpenposeSetup *setup)
{
    OpenposeScratch *scratch = memory;
    scratch->queue = (int32_t *)(scratch + 1);
    scratch->map = (int8_t *)(scratch->queue + cells(setup->rows, setup->columns));
    scratch->marks = (uint8_t *)scratch->map + map_bytes(setup->rows, setup->columns);
    return scratch;
}

/* The mean score of all keypoints, 0 for those that are missing. */
static uint32_t score_of(const OpenposeScratch *s, const Person *person)
{
    uint32_t sum = 0;
    for (int k = 0; k < OPENPOSE_KEYPOINTS; k++)
        if (person->peaks[k] >= 0)
            sum += (uint32_t)s->peaks[k].at[person->peaks[k]].score_q16;
    return sum / OPENPOSE_KEYPOINTS;
}

/* Puts (score, person) of those that are to be reported over the connections, the best first, of equals the first. */
static int rank(OpenposeScratch *s, int n_people, uint32_t least_score)
{
    int n = 0;
    for (int i = 0; i < n_people; i++) {
        uint32_t score = score_of(s, &s->people[i]);
        if (s->people[i].n >= LEAST_KEYPOINTS && score >= least_score)
            s->connections[n++] = (uint64_t)score << 32 | (uint32_t)~i;
    }
    sort_down(s->connections, n);
    return n;
}

static void write_person(const OpenposeScratch *s, const Person *person, const OpenposeSetup *setup,
                         const Placement *at, int32_t *keypoints, uint16_t *scores, int32_t *box)
{
    for (int k = 0; k < OPENPOSE_KEYPOINTS; k++) {
        keypoints[2 * k] = keypoints[2 * k + 1] = 0, scores[k] = 0;
        if (person->peaks[k] < 0)
            continue;
        const Peak *peak = &s->peaks[k].at[person->peaks[k]];
        int64_t x = (int64_t)(peak->x_q8 + 128) << 16, y = (int64_t)(peak->y_q8 + 128) << 16;
        keypoints[2 * k] = to_source_q4(x, setup->stride, at->x0_q16, at->scale_q16, at->width);
        keypoints[2 * k + 1] = to_source_q4(y, setup->stride, at->y0_q16, at->scale_q16, at->height);
        scores[k] = (uint16_t)peak->score_q16;
    }
    surround(box, keypoints, scores, OPENPOSE_KEYPOINTS, 1);
}

int openpose(const OpenposeMaps *maps, const OpenposeSetup *setup, const Placement *placement, void *scratch,
             const OpenposeResult *result)
{
    OpenposeScratch *s = lay_out(scratch, setup);
    int n_body = 0, n;
    find_peaks(maps, setup, s);
    n = find_connections(maps, setup, s, &n_body);
    n = rank(s, join_people(s, n_body, n), result->least_score);
    n = n < result->capacity ? n : result->capacity;
    for (int i = 0; i < n; i++) {
        const Person *person = &s->people[(uint32_t)~s->connections[i]];
        result->scores_q16[i] = (uint16_t)(s->connections[i] >> 32);
        write_person(s, person, setup, placement, result->keypoints_q4 + i * 2 * OPENPOSE_KEYPOINTS,
                     result->keypoint_scores_q16 + i * OPENPOSE_KEYPOINTS, result->boxes_q4 + i * 4);
    }
    return n;
}
