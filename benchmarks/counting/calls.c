/* Calls the kernels as a file says (kernel_calls.py writes it), so that a counter sees them and no Python.
 * usage: calls FILE TIMES
 *
 * Prints a checksum of all that the kernels wrote, the same on every machine and for every number of times.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"

enum { MAX_BUFFERS = 16, MAX_NUMBERS = 32, ALIGNMENT = 64 };
enum { LETTERBOX, MOVENET, MOVENET_PEOPLE, PRESENCE, OPENPOSE };

typedef struct {
    int64_t kind, n_numbers, n_buffers, first_written;   /* buffers from first_written on are written */
    int64_t numbers[MAX_NUMBERS];
    int64_t bytes[MAX_BUFFERS], depth[MAX_BUFFERS];      /* of each buffer; depth is the length of its last axis */
} Header;

typedef struct {
    Header h;
    void *at[MAX_BUFFERS], *scratch;
} Call;

static Placement placement(const int64_t *n)
{
    return (Placement){n[0], n[1], n[2], (int)n[3], (int)n[4]};
}

static void call_letterbox(const Call *c)
{
    const int64_t *n = c->h.numbers;
    Picture p = {{c->at[0], c->at[1], c->at[2]}, {n[0], n[1], n[2]}, (int)n[3], (int)n[4], (int)n[5]};
    Geometry g = {n[7], n[8], n[9], (int)n[10], (int)n[11], (int)n[12], (int)n[13], (int)n[14], (int)n[15]};
    letterbox(c->at[4], c->scratch, &p, &g, c->at[3], (int)n[6]);
}

static MovenetSetup movenet_setup(const int64_t *n)
{
    return (MovenetSetup){(int)n[0], (int)n[1], (int)n[2], {n[3], n[4]}, {n[5], n[6]}, (uint32_t)n[7]};
}

static MovenetHeads movenet_heads(void *const *at)
{
    return (MovenetHeads){at[0], at[1], at[2], at[3], at[4], (uint32_t *)at[4] + 256};
}

static void call_movenet(const Call *c)
{
    MovenetSetup m = movenet_setup(c->h.numbers);
    MovenetHeads h = movenet_heads(c->at);
    Placement p = placement(c->h.numbers + 8);
    movenet(&h, &m, &p, c->at[5], c->at[6], c->at[7]);
}

static void call_movenet_people(const Call *c)
{
    MovenetSetup m = movenet_setup(c->h.numbers);
    MovenetHeads h = movenet_heads(c->at);
    Placement p = placement(c->h.numbers + 9);
    MovenetResult r = {(int)(c->h.bytes[7] / 2), c->at[5], c->at[8], c->at[6], c->at[7]};
    movenet_people(&h, &m, (uint32_t)c->h.numbers[8], &p, &r);
}

static void call_presence(const Call *c)
{
    Context contexts[PRESENCE_MAX_CONTEXTS];
    int n = (int)c->h.n_buffers - 3;
    for (int i = 0; i < n; i++)
        contexts[i] = (Context){c->at[i], (int)(c->h.bytes[i] / c->h.depth[i]), (int)c->h.depth[i]};
    *(uint16_t *)c->at[n + 2] = presence(contexts, n, c->at[n], c->h.numbers[0], c->at[n + 1]);
}

static void call_openpose(const Call *c)
{
    const int64_t *n = c->h.numbers;
    OpenposeMaps maps = {c->at[0], c->at[1], c->at[2], (int32_t *)c->at[2] + 256};
    OpenposeSetup setup = {(int)n[0], (int)n[1], (int)n[2], (int)n[3], (int)n[4], n[5], n[6]};
    OpenposeResult r = {(int)(c->h.bytes[5] / 2), (uint32_t)n[7], c->at[3], c->at[6], c->at[4], c->at[5]};
    Placement p = placement(n + 8);
    openpose(&maps, &setup, &p, c->scratch, &r);
}

static void (*const kernels[])(const Call *) = {call_letterbox, call_movenet, call_movenet_people, call_presence,
                                                call_openpose};

static void *claim(size_t bytes)
{
    void *memory = aligned_alloc(ALIGNMENT, (bytes / ALIGNMENT + 1) * ALIGNMENT);
    if (!memory)
        exit(3);
    return memset(memory, 0, bytes);
}

static size_t scratch_bytes(const Header *h)
{
    const int64_t *n = h->numbers;
    return h->kind == LETTERBOX  ? letterbox_scratch_bytes((int)n[4], (int)n[10], (int)n[11])
           : h->kind == OPENPOSE ? openpose_scratch_bytes((int)n[0], (int)n[1]) : 0;
}

/* The next call of the file; 0 at its end. */
static int read_call(FILE *file, Call *c)
{
    if (fread(&c->h, sizeof c->h, 1, file) != 1)
        return 0;
    for (int i = 0; i < c->h.n_buffers; i++) {
        c->at[i] = claim((size_t)c->h.bytes[i]);
        if (c->h.bytes[i] && fread(c->at[i], (size_t)c->h.bytes[i], 1, file) != 1)
            exit(3);
    }
    c->scratch = claim(scratch_bytes(&c->h));
    return 1;
}

/* Fowler, Noll and Vo's hash. */
static uint64_t hash(uint64_t sum, const Call *c)
{
    for (int64_t i = c->h.first_written; i < c->h.n_buffers; i++)
        for (int64_t j = 0; j < c->h.bytes[i]; j++)
            sum = (sum ^ ((uint8_t *)c->at[i])[j]) * 1099511628211u;
    return sum;
}

int main(int argc, char **argv)
{
    enum { MAX_CALLS = 64 };
    static Call calls[MAX_CALLS];
    FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
    uint64_t sum = 14695981039346656037u;
    int n = 0;
    if (!file)
        return fprintf(stderr, "usage: calls FILE TIMES\n"), 2;
    while (n < MAX_CALLS && read_call(file, &calls[n]))
        n++;
    for (int times = atoi(argv[2]); times > 0; times--)
        for (int i = 0; i < n; i++)
            kernels[calls[i].h.kind](&calls[i]);
    for (int i = 0; i < n; i++)
        sum = hash(sum, &calls[i]);
    printf("%016llx\n", (unsigned long long)sum);
    return 0;
}
