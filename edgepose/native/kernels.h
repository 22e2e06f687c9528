/* The kernels of edgepose. Each has a NumPy twin in this folder, equal bit for bit. */
#ifndef EDGEPOSE_KERNELS_H
#define EDGEPOSE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* A second copy of a hot loop for AVX2, chosen when the module is loaded; other machines have vectors by default. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && !defined(EDGEPOSE_PLAIN)
#define EDGEPOSE_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define EDGEPOSE_CLONES
#endif

/* A hot loop: a function of its own, so that tests/unit/test_vectorised.py finds it in the object code. */
#define EDGEPOSE_HOT __attribute__((noinline)) EDGEPOSE_CLONES

/* ---- letterbox.c ---- */

enum { FORMAT_PACKED, FORMAT_GRAY, FORMAT_YUYV, FORMAT_NV12, FORMAT_YUV420P, N_FORMATS };

typedef struct {
    const uint8_t *data[3];
    ptrdiff_t line_size[3];
    int format, width, height;
} Picture;

typedef struct {
    int64_t x0_q16, y0_q16, scale_q16;   /* source px of the input's corner, source px per input px */
    int32_t width, height;               /* of the model's input, px */
    int32_t col0, col1, row0, row1;      /* the part that the picture covers */
} Geometry;

size_t letterbox_scratch_bytes(int source_width, int width, int height);
void letterbox(uint8_t *tensor, void *scratch, const Picture *picture, const Geometry *g,
               const int32_t *colour, int swap);

/* The windows of outputs from..to of `side`, over n samples of 1 << sub source px: five arrays, one after the other. */
void letterbox_windows(int32_t *windows, int side, int from, int to, int64_t origin, int64_t scale, int sub, int n);

/* ---- place.c ---- */

typedef struct {
    int64_t x0_q16, y0_q16, scale_q16;   /* of the Fit */
    int width, height;                   /* of the source, px */
} Placement;

int32_t to_source_q4(int64_t cells_q24, int stride, int64_t origin_q16, int64_t scale_q16, int limit);

/* The box (x, y, width, height) around the visible keypoints, or around all where none is visible. */
void surround(int32_t *box, const int32_t *keypoints, const uint16_t *scores, int n, uint32_t visible);

/* Floor of the square root. */
uint64_t root(uint64_t n);

/* ---- movenet.c ---- */

enum { MOVENET_MAX_GRID = 128, MOVENET_MAX_KEYPOINTS = 32, MOVENET_MAX_PEOPLE = 64 };

typedef struct {
    int64_t zero_point, scale_q40;       /* real = (stored - zero_point) * scale */
} Quantised;

typedef struct {
    int grid, stride, n_keypoints;       /* cells a side, input px a cell */
    Quantised regress, offset;           /* in cells */
    uint32_t visible_q16;                /* score from which a keypoint counts for the box */
} MovenetSetup;

typedef struct {
    const int8_t *center, *heatmap, *regress, *offset;       /* (grid, grid, 1 | K | 2K | 2K), pairs are y, x */
    const uint32_t *center_scores, *heatmap_scores;          /* Q31 of each stored value, from -128 on */
} MovenetHeads;

/* Writes keypoints (x, y), their scores, and their box (x, y, width, height); returns their mean score, 0..65535. */
uint32_t movenet(const MovenetHeads *heads, const MovenetSetup *setup, const Placement *placement,
                 int32_t *keypoints_q4, uint16_t *scores_q16, int32_t *box_q4);

typedef struct {
    int capacity;                        /* people */
    int32_t *keypoints_q4, *boxes_q4;    /* (capacity, K, 2), (capacity, 4) */
    uint16_t *keypoint_scores_q16, *scores_q16;
} MovenetResult;

/* A person for every peak of the centre from a score on; the number of people, the best first. */
int movenet_people(const MovenetHeads *heads, const MovenetSetup *setup, uint32_t least_q16,
                   const Placement *placement, const MovenetResult *result);

/* ---- presence.c ---- */

enum { PRESENCE_MAX_CONTEXTS = 4, PRESENCE_MAX_CHANNELS = 1024, PRESENCE_TABLE = 257 };

typedef struct {
    const int8_t *data;                  /* (cells, channels), features of the network's trunk */
    int cells, channels;
} Context;

/* 0..65535: how sure it is that somebody is in the picture. One weight a channel, contexts one after the other. */
uint16_t presence(const Context *contexts, int n_contexts, const int32_t *weights, int64_t bias_q20,
                  const uint16_t *table);

/* ---- affinity.c ---- */

enum { AFFINITY_TABLE = 257 };

typedef struct {
    int n_keypoints;
    int64_t area;                        /* of the box, 1/256 px^2, at least 1 */
    const int64_t *keypoints, *known, *corners;              /* (K, 2), (K), x and y of two corners; 1/16 px */
    const int64_t *factors, *table;      /* (K), steps of the table for a squared distance of one area; exp(-i/32) */
} AffinityTrack;

typedef struct {
    int n;
    const int64_t *keypoints, *known, *corners, *areas;      /* (n, K, 2), (n, K), (n, 4), (n) */
} AffinityPeople;

/* Writes 0..65536 for each person. */
void affinity(const AffinityTrack *track, const AffinityPeople *people, int64_t *out);

/* ---- peaks.c, limbs.c, people.c, openpose.c ---- */

enum { OPENPOSE_KEYPOINTS = 18, OPENPOSE_HEATMAPS = 19, OPENPOSE_LIMBS = 19, OPENPOSE_FIELDS = 38 };
enum { OPENPOSE_MIN_SIDE = 2, OPENPOSE_MAX_SIDE = 128 };                /* cells */
enum { MAX_PEAKS = 64 };                                                /* a keypoint; the best are kept */
enum { MAX_CONNECTIONS = (OPENPOSE_LIMBS - 1) * MAX_PEAKS + MAX_PEAKS * MAX_PEAKS };
enum { MAX_PEOPLE = OPENPOSE_KEYPOINTS * MAX_PEAKS / 2 };               /* each is begun by two peaks of its own */

typedef struct {
    int rows, columns, stride;           /* cells; input px a cell */
    int least_peak;                      /* stored value from which a peak counts, above -128 */
    int paf_zero_point;
    int64_t least_paf_q8, paf_scale_q24; /* least alignment, stored units; what a stored unit is worth */
} OpenposeSetup;

typedef struct {
    const int8_t *heatmap, *paf;         /* (rows, columns, 19 | 38) */
    const int32_t *logs, *scores;        /* Q12 logarithm and 0..65535 of each stored heatmap value, from -128 on */
} OpenposeMaps;

typedef struct {
    int32_t x_q8, y_q8;                  /* cells; a cell's centre is whole */
    int32_t score_q16;
} Peak;

typedef struct {
    int n;
    Peak at[MAX_PEAKS];
} Peaks;

typedef struct {
    int8_t peaks[OPENPOSE_KEYPOINTS];    /* numbers in the keypoints' lists, -1 where missing */
    int n;                               /* keypoints; 0 once it is part of another person */
} Person;

/* A limb between two peaks as one number: sorted downwards the best score comes first, of equals the first found. */
typedef uint64_t Connection;

typedef struct {
    Connection connections[MAX_CONNECTIONS];
    Peaks peaks[OPENPOSE_KEYPOINTS];
    Person people[MAX_PEOPLE];
    int16_t owners[OPENPOSE_KEYPOINTS][MAX_PEAKS];
    int32_t *queue;                      /* room for every cell */
    int8_t *map;                         /* the heatmap with a border of -128 */
    uint8_t *marks;                      /* of the same shape */
} OpenposeScratch;

typedef struct {
    int capacity;                        /* people */
    uint32_t least_score;                /* 0..65535, from which a person is reported */
    int32_t *keypoints_q4, *boxes_q4;    /* (capacity, 18, 2), (capacity, 4) */
    uint16_t *keypoint_scores_q16, *scores_q16;
} OpenposeResult;

static inline Connection make_connection(uint32_t score, int limb, int a, int b)
{
    return (Connection)score << 32 | (uint32_t)~(limb << 12 | a << 6 | b);
}

static inline int limb_of(Connection c) { return (int)(~(uint32_t)c >> 12); }
static inline int start_of(Connection c) { return (int)(~(uint32_t)c >> 6) & 63; }
static inline int end_of(Connection c) { return (int)~(uint32_t)c & 63; }

typedef struct {
    uint8_t a, b, field;                 /* keypoints that it joins; channel of its field's x, y is the next one */
} Limb;

enum { OPENPOSE_BODY_LIMBS = 17 };       /* the others go past the neck, from shoulder to ear */
extern const Limb openpose_limbs[OPENPOSE_LIMBS];

/* Largest first; without recursion or memory of its own. */
void sort_down(uint64_t *values, int n);

void find_peaks(const OpenposeMaps *maps, const OpenposeSetup *setup, OpenposeScratch *scratch);

/* Each peak has one limb of a kind at most; returns how many there are, those of the body first. */
int find_connections(const OpenposeMaps *maps, const OpenposeSetup *setup, OpenposeScratch *scratch, int *n_body);

/* Returns the number of people, some of them empty. */
int join_people(OpenposeScratch *scratch, int n_body, int n);

size_t openpose_scratch_bytes(int rows, int columns);

/* The number of people, the best first. */
int openpose(const OpenposeMaps *maps, const OpenposeSetup *setup, const Placement *placement, void *scratch,
             const OpenposeResult *result);

#endif
