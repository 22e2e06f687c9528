/* Presence: a linear reading of features of the network's trunk, summed over the picture, through the logistic. */
#include <string.h>

#include "kernels.h"

enum { STEP_BITS = 16, LAST = PRESENCE_TABLE - 1 }; /* a table point every 1/16 of z in Q20, from -8 to 8 */
enum { MOST_CELLS = 255 };           /* so many int8 add up within int16 */

EDGEPOSE_HOT
static void add_four(int16_t *restrict sums, const int8_t *restrict cells, int channels)
{
    const int8_t *restrict b = cells + channels, *restrict c = b + channels, *restrict d = c + channels;
    for (int i = 0; i < channels; i++)
        sums[i] = (int16_t)(sums[i] + cells[i] + b[i] + c[i] + d[i]);
}

EDGEPOSE_HOT
static void add_one(int16_t *restrict sums, const int8_t *restrict cells, int channels)
{
    for (int i = 0; i < channels; i++)
        sums[i] = (int16_t)(sums[i] + cells[i]);
}

static void add_cells(int16_t *sums, const int8_t *cells, int n_cells, int channels)
{
    for (; n_cells >= 4; n_cells -= 4, cells += 4 * channels)
        add_four(sums, cells, channels);
    for (; n_cells > 0; n_cells--, cells += channels)
        add_one(sums, cells, channels);
}

EDGEPOSE_HOT
static int64_t weigh(const int16_t *restrict sums, const int32_t *restrict weights, int channels)
{
    int64_t z_q20 = 0;
    for (int c = 0; c < channels; c++)
        z_q20 += (int64_t)sums[c] * weights[c];
    return z_q20;
}

/* Sum of weights times channels over all cells of one context. */
static int64_t read_context(const Context *context, const int32_t *weights)
{
    int64_t z_q20 = 0;
    for (int done = 0, n; done < context->cells; done += n) {
        int16_t sums[PRESENCE_MAX_CHANNELS];
        n = context->cells - done < MOST_CELLS ? context->cells - done : MOST_CELLS;
        memset(sums, 0, sizeof sums[0] * (size_t)context->channels);
        add_cells(sums, context->data + (ptrdiff_t)done * context->channels, n, context->channels);
        z_q20 += weigh(sums, weights, context->channels);
    }
    return z_q20;
}

uint16_t presence(const Context *contexts, int n_contexts, const int32_t *weights, int64_t bias_q20,
                  const uint16_t *table)
{
    int64_t place = bias_q20 + ((int64_t)(LAST / 2) << STEP_BITS), most = ((int64_t)LAST << STEP_BITS) - 1;
    for (int i = 0; i < n_contexts; weights += contexts[i++].channels)
        place += read_context(&contexts[i], weights);
    place = place < 0 ? 0 : place > most ? most : place;
    uint32_t i = (uint32_t)(place >> STEP_BITS), part = (uint32_t)place & 0xffff;
    return (uint16_t)((table[i] * (65536 - part) + table[i + 1] * part + 32768) >> STEP_BITS);
}
