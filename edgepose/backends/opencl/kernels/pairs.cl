/* Inner product by pairs of 16-bit products, summed in 32 bits. Weights: (depth / 2, 16 channels, 2) int16. */

#define WEIGHT short
typedef struct { int8 low, high; } SUM;

#if defined(__AVX2__)
#define PAIRS(a, w) __builtin_ia32_pmaddwd256(a, w)
#else
#define PAIRS(a, w) (convert_int8((a).even) * convert_int8((w).even) + convert_int8((a).odd) * convert_int8((w).odd))
#endif

/* A macro: of a function that gives a struct, Mesa 25 makes sums that do not begin with 0. */
#define nothing() ((SUM){(int8)(0), (int8)(0)})

static INTS total(SUM sum) { return (int16)(sum.low, sum.high); }

#define SETTLES 0
#define settle(sums)

/* sums[p] += DEPTH values of row p times DEPTH rows of weights. */
static void multiply(SUM *sums, global const char *const *rows, int at, global const WEIGHT *weights)
{
    union { short8 v[DEPTH / 8]; int pairs[DEPTH / 2]; } values[TILE];
    #pragma unroll
    for (int p = 0; p < TILE; p++)
        #pragma unroll
        for (int i = 0; i < DEPTH / 8; i++)
            values[p].v[i] = convert_short8(vload8(i, rows[p] + at));
    #pragma unroll
    for (int k = 0; k < DEPTH / 2; k++) {
        const short16 low = vload16(2 * k, weights), high = vload16(2 * k + 1, weights);
        #pragma unroll
        for (int p = 0; p < TILE; p++) {
            const short16 pair = as_short16((int8)(values[p].pairs[k]));
            sums[p].low += PAIRS(pair, low);
            sums[p].high += PAIRS(pair, high);
        }
    }
}
