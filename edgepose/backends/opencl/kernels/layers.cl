/* The other layers: depthwise convolution, addition, bilinear resizing, tables and copies. */

#define WEIGHT int

#define PRODUCTS(one, two) \
    TO_INTS(TO_SHORTS(LOAD(0, (one) + channel)) * first \
            + TO_SHORTS(LOAD(0, (two) + channel)) * second)

/* Weights: (blocks, taps, BLOCK) int16; an odd number of taps is followed by one of zeros.
   The products of two taps fit into 16 bits: 2 * 128 * 127. */
static void one_block(int block, SPOTS at, PARTS)
{
    const int channel = block * BLOCK, n_taps = g[N_TAPS];
    global const short *filter = (global const short *)weights + block * g[BLOCK_WEIGHTS];
    const INTS start = LOAD(block, bias);
    INTS sums[TILE];
    #pragma unroll
    for (int p = 0; p < TILE; p++)
        sums[p] = start;
    if (at.inside)
        for (int tap = 0; tap < n_taps; tap += 2) {
            const SHORTS first = LOAD(tap, filter), second = LOAD(tap + 1, filter);
            global const char *one = arena + tap_of(tap, g)[0], *two = arena + tap_of(tap + 1, g)[0];
            #pragma unroll
            for (int p = 0; p < TILE; p++)
                sums[p] += PRODUCTS(one + at.at[p], two + at.at[p]);
        }
    else
        for (int tap = 0; tap < n_taps; tap += 2) {
            const SHORTS first = LOAD(tap, filter), second = LOAD(tap + 1, filter);
            #pragma unroll
            for (int p = 0; p < TILE; p++)
                sums[p] += PRODUCTS(seen(at, p, tap_of(tap, g), arena, g), seen(at, p, tap_of(tap + 1, g), arena, g));
        }
    const FLOATS scale = LOAD(block, scales);
    const ENDING e = ending(g);
    #pragma unroll
    for (int p = 0; p < TILE; p++)
        finish(sums[p], at.pixels[p], channel, scale, e, arena, g, table);
}

kernel void depthwise(ARGUMENTS)
{
    ALL_BLOCKS
}

kernel void addition(ARGUMENTS)
{
    UNPACK
    const int pixel = get_global_id(0), channel = get_global_id(1) * BLOCK;
    if (pixel >= g[N_TILES])
        return;
    const INTS own = TO_INTS(LOAD(0, arena + g[X_AT] + pixel * g[X_PIXEL] + channel));
    const INTS other = TO_INTS(LOAD(0, arena + g[OTHER_AT] + pixel * g[OTHER_PIXEL] + channel));
    put(add(own, other, g), arena + g[Y_AT] + pixel * g[Y_PIXEL] + channel, g[Y_CHANNELS] - channel);
}

/* Weights: for every output row, then for every output column: first place, second place, the second's share. */
kernel void resize(ARGUMENTS)
{
    UNPACK
    const int pixel = get_global_id(0), channel = get_global_id(1) * BLOCK;
    if (pixel >= g[N_TILES])
        return;
    global const int *down = weights + 3 * (pixel / g[Y_WIDTH]);
    global const int *across = weights + g[BLOCK_WEIGHTS] + 3 * (pixel % g[Y_WIDTH]);
    global const char *top = arena + g[X_AT] + down[0] * g[X_ROW] + channel;
    global const char *bottom = arena + g[X_AT] + down[1] * g[X_ROW] + channel;
    const int left = across[0] * g[X_PIXEL], right = across[1] * g[X_PIXEL];
    const INTS top_left = TO_INTS(LOAD(0, top + left)), bottom_left = TO_INTS(LOAD(0, bottom + left));
    const INTS above = (top_left << 11) + (TO_INTS(LOAD(0, top + right)) - top_left) * across[2];
    const INTS below = (bottom_left << 11) + (TO_INTS(LOAD(0, bottom + right)) - bottom_left) * across[2];
    const INTS sum = (above << 11) + (below - above) * down[2];
    put((sum + (1 << 21)) >> 22, arena + g[Y_AT] + pixel * g[Y_PIXEL] + channel, g[Y_CHANNELS] - channel);
}

/* Every byte through a table, or with some bits flipped, which is quicker. */
kernel void map(ARGUMENTS)
{
    UNPACK
    const int pixel = get_global_id(0), channel = get_global_id(1) * BLOCK;
    if (pixel >= g[N_TILES])
        return;
    const int y = pixel / g[Y_WIDTH], x = pixel % g[Y_WIDTH];
    INTS value = TO_INTS(LOAD(0, arena + g[X_AT] + y * g[X_ROW] + x * g[X_PIXEL] + channel) ^ (char)g[FLIP]);
    if (g[HAS_TABLE])
        value = look_up(value, table);
    put(value, arena + g[Y_AT] + y * g[Y_ROW] + x * g[Y_PIXEL] + channel, g[Y_CHANNELS] - channel);
}
