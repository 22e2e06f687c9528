/* Inner product in float32, which is exact below 2^24 and is therefore put away every 1024 products.
   Weights: (depth, BLOCK channels) int8. No fma(): some drivers emulate it, and the bits are the same. */

#define WEIGHT char
typedef struct { FLOATS part; INTS whole; } SUM;

/* A macro: of a function that gives a struct, Mesa 25 makes sums that do not begin with 0. */
#define nothing() ((SUM){(FLOATS)(0), (INTS)(0)})

static INTS total(SUM sum) { return sum.whole + TO_INTS(sum.part); }

#define SETTLES 1
static void settle(SUM *sums)
{
    for (int p = 0; p < TILE; p++) {
        sums[p].whole += TO_INTS(sums[p].part);
        sums[p].part = 0;
    }
}

static void multiply(SUM *sums, global const char *const *rows, int at, global const WEIGHT *weights)
{
    float values[TILE][DEPTH];
    #pragma unroll
    for (int p = 0; p < TILE; p++)
        for (int k = 0; k < DEPTH; k++)
            values[p][k] = rows[p][at + k];
    #pragma unroll
    for (int k = 0; k < DEPTH; k++) {
        const FLOATS row = TO_FLOATS(LOAD(k, weights));
        #pragma unroll
        for (int p = 0; p < TILE; p++)
            sums[p].part += values[p][k] * row;
    }
}
