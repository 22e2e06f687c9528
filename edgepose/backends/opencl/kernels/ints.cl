/* Inner product in int32. Weights: (depth, BLOCK channels) int8. */

#define WEIGHT char
typedef INTS SUM;

static SUM nothing(void) { return (INTS)(0); }

static INTS total(SUM sum) { return sum; }

#define SETTLES 0
#define settle(sums)

static void multiply(SUM *sums, global const char *const *rows, int at, global const WEIGHT *weights)
{
    #pragma unroll
    for (int k = 0; k < DEPTH; k++) {
        const INTS row = TO_INTS(LOAD(k, weights));
        #pragma unroll
        for (int p = 0; p < TILE; p++)
            sums[p] += rows[p][at + k] * row;
    }
}
