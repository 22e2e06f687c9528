/* Inner product by the packed dot product of cl_khr_integer_dot_product.
   Weights: (depth / 4, BLOCK channels, 4) int8. Here DEPTH and BLOCK are 4. */

#define WEIGHT char
typedef int4 SUM;

static SUM nothing(void) { return (int4)(0); }

static INTS total(SUM sum) { return sum; }

#define SETTLES 0
#define settle(sums)

static void multiply(SUM *sums, global const char *const *rows, int at, global const WEIGHT *weights)
{
    const uint4 row = as_uint4(vload16(0, weights));
    for (int p = 0; p < TILE; p++) {
        const uint values = as_uint(vload4(0, rows[p] + at));
        sums[p] += (int4)(dot_4x8packed_ss_int(values, row.x), dot_4x8packed_ss_int(values, row.y),
                          dot_4x8packed_ss_int(values, row.z), dot_4x8packed_ss_int(values, row.w));
    }
}
