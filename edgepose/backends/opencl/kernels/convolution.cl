/* A dense convolution: every work-item makes TILE pixels of some blocks of BLOCK channels.
   Weights: (blocks, taps, ...), the rest as the inner product wants it. */

static void one_block(int block, SPOTS at, PARTS)
{
    weights += block * g[BLOCK_WEIGHTS];
    SUM sums[TILE];
    #pragma unroll
    for (int p = 0; p < TILE; p++)
        sums[p] = nothing();
    const int depth = g[X_DEPTH], n_taps = g[N_TAPS];
    int unsettled = 0;
    for (int tap = 0; tap < n_taps; tap++) {
        global const char *rows[TILE];
        #pragma unroll
        for (int p = 0; p < TILE; p++)
            rows[p] = at.inside ? arena + at.at[p] + tap_of(tap, g)[0] : seen(at, p, tap_of(tap, g), arena, g);
        for (int k = 0; k < depth; k += DEPTH) {
            multiply(sums, rows, k, weights);
            weights += DEPTH * BLOCK;
            unsettled += DEPTH;
            if (SETTLES && unsettled == EXACT_PRODUCTS) {
                settle(sums);
                unsettled = 0;
            }
        }
    }
    const INTS start = LOAD(block, bias);
    const FLOATS scale = LOAD(block, scales);
    const ENDING e = ending(g);
    #pragma unroll
    for (int p = 0; p < TILE; p++)
        finish(total(sums[p]) + start, at.pixels[p], block * BLOCK, scale, e, arena, g, table);
}

kernel void convolution(ARGUMENTS)
{
    ALL_BLOCKS
}
