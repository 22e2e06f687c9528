/* What all programs share. BLOCK: output channels of a vector. The names of a layer's numbers (X_AT, ...) are put in
   front by programs.py; they stand in `g`. Bytes of the arena are int8 values unless it is said otherwise. */

#define GLUE_(a, b) a##b
#define GLUE(a, b) GLUE_(a, b)
#define CHARS GLUE(char, BLOCK)
#define SHORTS GLUE(short, BLOCK)
#define INTS GLUE(int, BLOCK)
#define FLOATS GLUE(float, BLOCK)
#define TO_CHARS GLUE(convert_char, BLOCK)
#define TO_SHORTS GLUE(convert_short, BLOCK)
#define TO_INTS GLUE(convert_int, BLOCK)
#define TO_FLOATS GLUE(convert_float, BLOCK)
#define AS_INTS GLUE(as_int, BLOCK)
#define LOAD GLUE(vload, BLOCK)
#define STORE GLUE(vstore, BLOCK)

/* What a kernel is given: three buffers that serve all layers, since each costs the host time at every launch, and the
   place of its layer's numbers. UNPACK finds the layer's own parts; PARTS is how they are handed on. */
#define ARGUMENTS global char *arena, constant int *numbers, global const char *constants, int first_number
#define UNPACK \
    constant int *g = numbers + first_number; \
    global const WEIGHT *weights = (global const WEIGHT *)(constants + g[WEIGHTS_AT]); \
    global const int *bias = (global const int *)(constants + g[BIAS_AT]); \
    global const float *scales = (global const float *)(constants + g[SCALES_AT]); \
    constant char *table = (constant char *)(numbers + g[TABLE_AT]);
#define PARTS global char *arena, constant int *g, global const WEIGHT *weights, global const int *bias, \
    global const float *scales, constant char *table

/* 1.5 * 2^23: a float below 2^22 that is added to it is rounded, half to even, into the low bits. */
#define MAGIC 12582912.0f
#define MAGIC_BITS 0x4B400000

/* What a layer does to its sums, read once by every work-item: `arena` may be written while `g` is in use. */
typedef struct {
    FLOATS low, high;
    INTS zero;
    int y_at, y_pixel, y_channels, has_table, has_other;
} ENDING;

static ENDING ending(constant int *g)
{
    ENDING e;
    e.low = (FLOATS)((float)(g[LOW] - g[ZERO]));
    e.high = (FLOATS)((float)(g[HIGH] - g[ZERO]));
    e.zero = (INTS)(g[ZERO] - MAGIC_BITS);
    e.y_at = g[Y_AT];
    e.y_pixel = g[Y_PIXEL];
    e.y_channels = g[Y_CHANNELS];
    e.has_table = g[HAS_TABLE];
    e.has_other = g[HAS_OTHER];
    return e;
}

/* An int32 sum as a stored value: XNNPACK's requantisation in float32. */
static INTS requantise(INTS sum, FLOATS scale, ENDING e)
{
    return AS_INTS(min(max(TO_FLOATS(sum) * scale, e.low), e.high) + MAGIC) + e.zero;
}

static INTS look_up(INTS value, constant char *table)
{
    union { INTS v; int s[BLOCK]; } each;
    each.v = value & 255;
    for (int i = 0; i < BLOCK; i++)
        each.s[i] = table[each.s[i]];
    return each.v;
}

/* The sum of two values of different scales, as XNNPACK adds them. */
static INTS add(INTS own, INTS other, constant int *g)
{
    const INTS sum = (own * g[ADD_OWN] + other * g[ADD_OTHER] + g[ADD_BIAS]) >> (INTS)(g[ADD_SHIFT]);
    return min(max(sum + g[ADD_ZERO], (INTS)(g[ADD_LOW])), (INTS)(g[ADD_HIGH]));
}

/* Write a vector, or as much of it as there is room for. */
static void put(INTS value, global char *at, int room)
{
    union { CHARS v; char s[BLOCK]; } each;
    each.v = TO_CHARS(value);
    if (room >= BLOCK)
        STORE(each.v, 0, at);
    else
        for (int i = 0; i < room; i++)
            at[i] = each.s[i];
}

/* All that follows a convolution's sum: requantise, table, addition, store. */
static void finish(INTS sum, int pixel, int channel, FLOATS scale, ENDING e, global char *arena, constant int *g,
                   constant char *table)
{
    INTS value = requantise(sum, scale, e);
    if (e.has_table)
        value = look_up(value, table);
    if (e.has_other)
        value = add(value, TO_INTS(LOAD(0, arena + g[OTHER_AT] + pixel * g[OTHER_PIXEL] + channel)), g);
    put(value, arena + e.y_at + pixel * e.y_pixel + channel, e.y_channels - channel);
}

/* Output pixels of a work-item; those beyond the last repeat it. Their filters begin at (x, y) of the input, which is
   byte `at`; `inside` says that none of them reaches out of the picture. */
typedef struct {
    int pixels[TILE], x[TILE], y[TILE], at[TILE], inside;
} SPOTS;

static SPOTS spots(int first, constant int *g)
{
    const int width = g[Y_WIDTH], last = g[N_PIXELS] - 1;
    int y = first / width, x = first - y * width;
    SPOTS s;
    s.inside = 1;
    #pragma unroll
    for (int p = 0; p < TILE; p++) {
        s.pixels[p] = min(first + p, last);
        s.x[p] = x * g[STRIDE_X] - g[BEFORE_X];
        s.y[p] = y * g[STRIDE_Y] - g[BEFORE_Y];
        s.at[p] = g[X_AT] + s.y[p] * g[X_ROW] + s.x[p] * g[X_PIXEL];
        s.inside &= (s.x[p] >= 0) & (s.y[p] >= 0) & (s.x[p] < g[INSIDE_X]) & (s.y[p] < g[INSIDE_Y]);
        x += first + p < last;
        y += x == width;
        x = x == width ? 0 : x;
    }
    return s;
}

/* A filter's taps, each as (byte from its first, y, x), follow the numbers. */
static constant int *tap_of(int tap, constant int *g) { return g + N_NUMBERS + 3 * tap; }

/* The pixel that a tap sees; outside of the picture, a pixel of zero points. */
static global const char *seen(SPOTS s, int p, constant int *tap, global const char *arena, constant int *g)
{
    const int inside = (uint)(s.y[p] + tap[1]) < (uint)g[X_HEIGHT] && (uint)(s.x[p] + tap[2]) < (uint)g[X_WIDTH];
    return arena + (inside ? s.at[p] + tap[0] : g[PAD_AT]);
}

/* The body of a kernel whose work-items make a tile of pixels and a strip of blocks. */
#define ALL_BLOCKS \
    UNPACK \
    const int tile = get_global_id(0); \
    if (tile >= g[N_TILES]) \
        return; \
    const SPOTS at = spots(tile * TILE, g); \
    const int first = get_global_id(1) * g[STRIP], end = min(first + g[STRIP], g[N_BLOCKS]); \
    for (int block = first; block < end; block++) \
        one_block(block, at, arena, g, weights, bias, scales, table);
