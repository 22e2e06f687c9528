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

/* ---- movenet.c ---- */

enum { MOVENET_MAX_GRID = 128, MOVENET_MAX_KEYPOINTS = 32 };

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

typedef struct {
    int64_t x0_q16, y0_q16, scale_q16;   /* of the Fit */
    int width, height;                   /* of the source, px */
} Placement;

/* Writes keypoints (x, y), their scores, and their box (x, y, width, height); returns their mean score, 0..65535. */
uint32_t movenet(const MovenetHeads *heads, const MovenetSetup *setup, const Placement *placement,
                 int32_t *keypoints_q4, uint16_t *scores_q16, int32_t *box_q4);

/* ---- presence.c ---- */

enum { PRESENCE_MAX_CONTEXTS = 4, PRESENCE_MAX_CHANNELS = 1024, PRESENCE_TABLE = 257 };

typedef struct {
    const int8_t *data;                  /* (cells, channels), features of the network's trunk */
    int cells, channels;
} Context;

/* 0..65535: how sure it is that somebody is in the picture. One weight a channel, contexts one after the other. */
uint16_t presence(const Context *contexts, int n_contexts, const int32_t *weights, int64_t bias_q20,
                  const uint16_t *table);

#endif
