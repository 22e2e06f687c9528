/* The Python face of the kernels: checks sizes, releases the GIL, calls. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "kernels.h"

static int fits(const Picture *p, const Py_buffer *planes)
{
    static const int n_planes[N_FORMATS] = {1, 1, 1, 2, 3};
    for (int i = 0; i < n_planes[p->format]; i++) {
        int chroma = i > 0, half = (p->width + 1) / 2;
        int64_t rows = chroma ? (p->height + 1) / 2 : p->height;
        int64_t row = p->format == FORMAT_PACKED ? 3 * (int64_t)p->width
                      : p->format == FORMAT_YUYV ? 4 * (int64_t)half
                      : !chroma ? p->width : p->format == FORMAT_NV12 ? 2 * half : half;
        if (p->line_size[i] < row || p->line_size[i] * (rows - 1) + row > planes[i].len)
            return 0;
    }
    return 1;
}

static int sound(const Picture *p, const Geometry *g, const Py_buffer *tensor, const Py_buffer *scratch,
                 const Py_buffer *colour)
{
    return p->format >= 0 && p->format < N_FORMATS
           && p->width > 0 && p->width <= 16384 && p->height > 0 && p->height <= 16384
           && g->width > 0 && g->width <= 16384 && g->height > 0 && g->height <= 16384
           && g->scale_q16 > 0 && g->scale_q16 <= (int64_t)128 << 16
           && 0 <= g->col0 && g->col0 <= g->col1 && g->col1 <= g->width
           && 0 <= g->row0 && g->row0 <= g->row1 && g->row1 <= g->height
           && tensor->len >= (Py_ssize_t)3 * g->width * g->height
           && scratch->len >= (Py_ssize_t)letterbox_scratch_bytes(p->width, g->width, g->height)
           && (uintptr_t)scratch->buf % sizeof(int64_t) == 0
           && colour->len >= (Py_ssize_t)(6 * sizeof(int32_t));
}

static PyObject *py_letterbox(PyObject *self, PyObject *args)
{
    Py_buffer tensor = {0}, scratch = {0}, colour = {0}, planes[3] = {{0}, {0}, {0}};
    Py_ssize_t line_size[3];
    long long x0, y0, scale;
    Picture p;
    Geometry g;
    int swap, ok = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "w*w*(y*y*y*)(nnn)iiiy*p(LLL)ii(iiii):letterbox", &tensor, &scratch, &planes[0],
                          &planes[1], &planes[2], &line_size[0], &line_size[1], &line_size[2], &p.format, &p.width,
                          &p.height, &colour, &swap, &x0, &y0, &scale, &g.width, &g.height, &g.col0, &g.col1,
                          &g.row0, &g.row1))
        return NULL;
    g.x0_q16 = x0, g.y0_q16 = y0, g.scale_q16 = scale;
    for (int i = 0; i < 3; i++)
        p.data[i] = planes[i].buf, p.line_size[i] = line_size[i];
    if (sound(&p, &g, &tensor, &scratch, &colour) && fits(&p, planes)) {
        Py_BEGIN_ALLOW_THREADS
        letterbox(tensor.buf, scratch.buf, &p, &g, colour.buf, swap);
        Py_END_ALLOW_THREADS
        ok = 1;
    }
    PyBuffer_Release(&tensor);
    PyBuffer_Release(&scratch);
    PyBuffer_Release(&colour);
    for (int i = 0; i < 3; i++)
        PyBuffer_Release(&planes[i]);
    if (!ok) {
        PyErr_SetString(PyExc_ValueError, "letterbox: a size, a line size or a buffer does not fit the picture");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *py_letterbox_scratch_bytes(PyObject *self, PyObject *args)
{
    int source_width, width, height;
    (void)self;
    if (!PyArg_ParseTuple(args, "iii:letterbox_scratch_bytes", &source_width, &width, &height))
        return NULL;
    return PyLong_FromSize_t(letterbox_scratch_bytes(source_width, width, height));
}

static PyObject *py_letterbox_windows(PyObject *self, PyObject *args)
{
    Py_buffer out = {0};
    long long origin, scale;
    int from, to, sub, n;
    (void)self;
    if (!PyArg_ParseTuple(args, "w*iiLLii:letterbox_windows", &out, &from, &to, &origin, &scale, &sub, &n))
        return NULL;
    Py_ssize_t side = out.len / (Py_ssize_t)(5 * sizeof(int32_t));
    int ok = (uintptr_t)out.buf % sizeof(int32_t) == 0 && 0 <= from && from <= to && to <= side && side <= 16384
             && scale > 0 && scale <= (long long)128 << 16 && (sub == 0 || sub == 1) && n > 0 && n <= 16384;
    if (ok)
        letterbox_windows(out.buf, (int)side, from, to, origin, scale, sub, n);
    PyBuffer_Release(&out);
    if (!ok) {
        PyErr_SetString(PyExc_ValueError, "letterbox_windows: a number or the buffer does not fit");
        return NULL;
    }
    Py_RETURN_NONE;
}

static int movenet_sound(const MovenetSetup *m, const Py_buffer *heads, const Py_buffer *tables,
                         const Py_buffer *keypoints, const Py_buffer *scores, const Py_buffer *box)
{
    Py_ssize_t cells = (Py_ssize_t)m->grid * m->grid, n = m->n_keypoints;
    return m->grid > 0 && m->grid <= MOVENET_MAX_GRID && n > 0 && n <= MOVENET_MAX_KEYPOINTS
           && heads[0].len >= cells && heads[1].len >= cells * n && heads[2].len >= cells * n * 2
           && heads[3].len >= cells * n * 2 && tables->len >= (Py_ssize_t)(512 * sizeof(uint32_t))
           && keypoints->len >= (Py_ssize_t)(n * 2 * sizeof(int32_t))
           && scores->len >= (Py_ssize_t)(n * sizeof(uint16_t)) && box->len >= (Py_ssize_t)(4 * sizeof(int32_t));
}

static PyObject *py_movenet(PyObject *self, PyObject *args)
{
    Py_buffer heads[4] = {{0}, {0}, {0}, {0}}, tables = {0}, keypoints = {0}, scores = {0}, box = {0};
    MovenetSetup m;
    Placement at;
    long long zero_r, scale_r, zero_o, scale_o, x0, y0, scale, found = -1;
    (void)self;
    if (!PyArg_ParseTuple(args, "(y*y*y*y*)y*(iii(LL)(LL)I)(LLL)(ii)w*w*w*:movenet", &heads[0], &heads[1], &heads[2],
                          &heads[3], &tables, &m.grid, &m.stride, &m.n_keypoints, &zero_r, &scale_r, &zero_o,
                          &scale_o, &m.visible_q16, &x0, &y0, &scale, &at.width, &at.height, &keypoints, &scores,
                          &box))
        return NULL;
    m.regress = (Quantised){zero_r, scale_r}, m.offset = (Quantised){zero_o, scale_o};
    at.x0_q16 = x0, at.y0_q16 = y0, at.scale_q16 = scale;
    if (movenet_sound(&m, heads, &tables, &keypoints, &scores, &box)) {
        const uint32_t *table = tables.buf;
        MovenetHeads h = {heads[0].buf, heads[1].buf, heads[2].buf, heads[3].buf, table, table + 256};
        Py_BEGIN_ALLOW_THREADS
        found = movenet(&h, &m, &at, keypoints.buf, scores.buf, box.buf);
        Py_END_ALLOW_THREADS
    }
    for (int i = 0; i < 4; i++)
        PyBuffer_Release(&heads[i]);
    PyBuffer_Release(&tables);
    PyBuffer_Release(&keypoints);
    PyBuffer_Release(&scores);
    PyBuffer_Release(&box);
    if (found < 0) {
        PyErr_SetString(PyExc_ValueError, "movenet: a head, a table or an output is too small for the grid");
        return NULL;
    }
    return PyLong_FromLongLong(found);
}

static void release_all(Py_buffer *views, int n)
{
    for (int i = 0; i < n; i++)
        PyBuffer_Release(&views[i]);
}

static PyObject *py_movenet_people(PyObject *self, PyObject *args)
{
    enum { TABLES = 4, KEYPOINTS, KEYPOINT_SCORES, SCORES, BOXES, N_VIEWS };
    Py_buffer v[N_VIEWS] = {{0}};
    MovenetSetup m;
    Placement at;
    unsigned int least;
    long long zero_r, scale_r, zero_o, scale_o, x0, y0, scale, found = -1;
    (void)self;
    if (!PyArg_ParseTuple(args, "(y*y*y*y*)y*(iii(LL)(LL)I)I(LLL)(ii)w*w*w*w*:movenet_people", &v[0], &v[1], &v[2],
                          &v[3], &v[TABLES], &m.grid, &m.stride, &m.n_keypoints, &zero_r, &scale_r, &zero_o,
                          &scale_o, &m.visible_q16, &least, &x0, &y0, &scale, &at.width, &at.height, &v[KEYPOINTS],
                          &v[KEYPOINT_SCORES], &v[SCORES], &v[BOXES]))
        return NULL;
    m.regress = (Quantised){zero_r, scale_r}, m.offset = (Quantised){zero_o, scale_o};
    at.x0_q16 = x0, at.y0_q16 = y0, at.scale_q16 = scale;
    Py_ssize_t n = v[SCORES].len / (Py_ssize_t)sizeof(uint16_t);
    if (n > 0 && n <= MOVENET_MAX_PEOPLE
        && movenet_sound(&m, v, &v[TABLES], &v[KEYPOINTS], &v[KEYPOINT_SCORES], &v[BOXES])
        && v[KEYPOINTS].len >= n * m.n_keypoints * 2 * (Py_ssize_t)sizeof(int32_t)
        && v[KEYPOINT_SCORES].len >= n * m.n_keypoints * (Py_ssize_t)sizeof(uint16_t)
        && v[BOXES].len >= n * 4 * (Py_ssize_t)sizeof(int32_t)) {
        const uint32_t *table = v[TABLES].buf;
        MovenetHeads h = {v[0].buf, v[1].buf, v[2].buf, v[3].buf, table, table + 256};
        MovenetResult result = {(int)n, v[KEYPOINTS].buf, v[BOXES].buf, v[KEYPOINT_SCORES].buf, v[SCORES].buf};
        Py_BEGIN_ALLOW_THREADS
        found = movenet_people(&h, &m, least, &at, &result);
        Py_END_ALLOW_THREADS
    }
    release_all(v, N_VIEWS);
    if (found < 0) {
        PyErr_SetString(PyExc_ValueError, "movenet_people: a head, a table or an output is too small for the grid");
        return NULL;
    }
    return PyLong_FromLongLong(found);
}

/* Takes hold of up to PRESENCE_MAX_CONTEXTS arrays; returns how many channels they have together, or -1. */
static Py_ssize_t take_contexts(PyObject *tuple, Py_buffer *views, Context *contexts)
{
    Py_ssize_t n = PyTuple_Size(tuple), sum = 0;
    if (n > PRESENCE_MAX_CONTEXTS)
        return -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (PyObject_GetBuffer(PyTuple_GetItem(tuple, i), &views[i], PyBUF_ND) < 0 || views[i].ndim < 1)
            return -1;
        Py_ssize_t channels = views[i].shape[views[i].ndim - 1];
        if (channels < 1 || channels > PRESENCE_MAX_CHANNELS || views[i].itemsize != 1 || views[i].len > INT32_MAX)
            return -1;
        contexts[i] = (Context){views[i].buf, (int)(views[i].len / channels), (int)channels};
        sum += channels;
    }
    return sum;
}

static PyObject *py_presence(PyObject *self, PyObject *args)
{
    Py_buffer views[PRESENCE_MAX_CONTEXTS] = {{0}, {0}, {0}, {0}}, weights = {0}, table = {0};
    Context contexts[PRESENCE_MAX_CONTEXTS];
    PyObject *tuple;
    long long bias;
    long found = -1;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!y*Ly*:presence", &PyTuple_Type, &tuple, &weights, &bias, &table))
        return NULL;
    Py_ssize_t channels = take_contexts(tuple, views, contexts);
    if (channels >= 0 && weights.len >= channels * (Py_ssize_t)sizeof(int32_t)
        && table.len >= (Py_ssize_t)(PRESENCE_TABLE * sizeof(uint16_t))) {
        int n = (int)PyTuple_Size(tuple);
        Py_BEGIN_ALLOW_THREADS
        found = presence(contexts, n, weights.buf, bias, table.buf);
        Py_END_ALLOW_THREADS
    }
    for (int i = 0; i < PRESENCE_MAX_CONTEXTS; i++)
        PyBuffer_Release(&views[i]);
    PyBuffer_Release(&weights);
    PyBuffer_Release(&table);
    if (found < 0) {
        PyErr_Clear();
        PyErr_SetString(PyExc_ValueError, "presence: a context, the weights or the table do not fit together");
        return NULL;
    }
    return PyLong_FromLong(found);
}

static int openpose_sound(const OpenposeSetup *o, const Py_buffer *maps, const Py_buffer *tables,
                          const Py_buffer *scratch)
{
    Py_ssize_t cells = (Py_ssize_t)o->rows * o->columns;
    return o->rows >= OPENPOSE_MIN_SIDE && o->rows <= OPENPOSE_MAX_SIDE && o->columns >= OPENPOSE_MIN_SIDE
           && o->columns <= OPENPOSE_MAX_SIDE && o->least_peak > -128 && o->least_peak < 128
           && o->paf_zero_point >= -128 && o->paf_zero_point < 128 && o->least_paf_q8 >= 0 && o->least_paf_q8 < 65536
           && o->paf_scale_q24 > 0 && o->paf_scale_q24 <= 1 << 28
           && maps[0].len >= cells * OPENPOSE_HEATMAPS && maps[1].len >= cells * OPENPOSE_FIELDS
           && tables->len >= (Py_ssize_t)(512 * sizeof(int32_t))
           && scratch->len >= (Py_ssize_t)openpose_scratch_bytes(o->rows, o->columns)
           && (uintptr_t)scratch->buf % sizeof(int64_t) == 0;
}

static int result_sound(const Py_buffer *keypoints, const Py_buffer *keypoint_scores, const Py_buffer *scores,
                        const Py_buffer *boxes)
{
    Py_ssize_t n = scores->len / (Py_ssize_t)sizeof(uint16_t);
    return n <= MAX_PEOPLE && keypoints->len >= n * (Py_ssize_t)(2 * OPENPOSE_KEYPOINTS * sizeof(int32_t))
           && keypoint_scores->len >= n * (Py_ssize_t)(OPENPOSE_KEYPOINTS * sizeof(uint16_t))
           && boxes->len >= n * (Py_ssize_t)(4 * sizeof(int32_t));
}

static PyObject *py_openpose(PyObject *self, PyObject *args)
{
    Py_buffer maps[2] = {{0}, {0}}, tables = {0}, scratch = {0};
    Py_buffer keypoints = {0}, keypoint_scores = {0}, scores = {0}, boxes = {0};
    OpenposeSetup o;
    Placement at;
    long long least_paf, paf_scale, x0, y0, scale;
    unsigned int least_score;
    int found = -1;
    (void)self;
    if (!PyArg_ParseTuple(args, "(y*y*)y*(iiiiiLL)I(LLL)(ii)w*w*w*w*w*:openpose", &maps[0], &maps[1], &tables,
                          &o.rows, &o.columns, &o.stride, &o.least_peak, &o.paf_zero_point, &least_paf, &paf_scale,
                          &least_score, &x0, &y0, &scale, &at.width, &at.height, &scratch, &keypoints,
                          &keypoint_scores, &scores, &boxes))
        return NULL;
    o.least_paf_q8 = least_paf, o.paf_scale_q24 = paf_scale;
    at.x0_q16 = x0, at.y0_q16 = y0, at.scale_q16 = scale;
    if (openpose_sound(&o, maps, &tables, &scratch) && result_sound(&keypoints, &keypoint_scores, &scores, &boxes)) {
        const int32_t *table = tables.buf;
        OpenposeMaps m = {maps[0].buf, maps[1].buf, table, table + 256};
        OpenposeResult r = {(int)(scores.len / (Py_ssize_t)sizeof(uint16_t)), least_score, keypoints.buf, boxes.buf,
                            keypoint_scores.buf, scores.buf};
        Py_BEGIN_ALLOW_THREADS
        found = openpose(&m, &o, &at, scratch.buf, &r);
        Py_END_ALLOW_THREADS
    }
    Py_buffer *taken[] = {&maps[0], &maps[1], &tables, &scratch, &keypoints, &keypoint_scores, &scores, &boxes};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        PyBuffer_Release(taken[i]);
    if (found < 0) {
        PyErr_SetString(PyExc_ValueError, "openpose: a map, a table, the scratch or an output is too small");
        return NULL;
    }
    return PyLong_FromLong(found);
}

static PyObject *py_openpose_scratch_bytes(PyObject *self, PyObject *args)
{
    int rows, columns;
    (void)self;
    if (!PyArg_ParseTuple(args, "ii:openpose_scratch_bytes", &rows, &columns))
        return NULL;
    return PyLong_FromSize_t(openpose_scratch_bytes(rows, columns));
}

static PyObject *py_affinity(PyObject *self, PyObject *args)
{
    enum { KEYPOINTS, KNOWN, CORNERS, AREAS, OF_KEYPOINTS, OF_KNOWN, OF_CORNERS, FACTORS, TABLE, OUT, N_VIEWS };
    Py_buffer v[N_VIEWS] = {{0}};
    AffinityTrack t;
    AffinityPeople p;
    long long area;
    int ok = 0;
    (void)self;
    /* No tuple among them: Python keeps room for as many buffers as there are arguments, and no check. */
    if (!PyArg_ParseTuple(args, "y*y*y*y*iy*y*y*Ly*y*w*:affinity", &v[KEYPOINTS], &v[KNOWN], &v[CORNERS], &v[AREAS],
                          &p.n, &v[OF_KEYPOINTS], &v[OF_KNOWN], &v[OF_CORNERS], &area, &v[FACTORS], &v[TABLE], &v[OUT]))
        return NULL;
    const Py_ssize_t word = sizeof(int64_t), k = v[FACTORS].len / word;
    if (p.n >= 0 && area > 0 && k > 0 && k <= MOVENET_MAX_KEYPOINTS && v[KEYPOINTS].len >= p.n * k * 2 * word
        && v[KNOWN].len >= p.n * k * word && v[CORNERS].len >= p.n * 4 * word && v[AREAS].len >= p.n * word
        && v[OF_KEYPOINTS].len >= k * 2 * word && v[OF_KNOWN].len >= k * word && v[OF_CORNERS].len >= 4 * word
        && v[TABLE].len >= AFFINITY_TABLE * word && v[OUT].len >= p.n * word) {
        t = (AffinityTrack){(int)k, area, v[OF_KEYPOINTS].buf, v[OF_KNOWN].buf, v[OF_CORNERS].buf, v[FACTORS].buf,
                            v[TABLE].buf};
        p.keypoints = v[KEYPOINTS].buf, p.known = v[KNOWN].buf, p.corners = v[CORNERS].buf, p.areas = v[AREAS].buf;
        affinity(&t, &p, v[OUT].buf); /* holding the GIL: it takes less time than to get it back */
        ok = 1;
    }
    release_all(v, N_VIEWS);
    if (!ok) {
        PyErr_SetString(PyExc_ValueError, "affinity: an array is too small, or the area is not positive");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"affinity", py_affinity, METH_VARARGS, "See edgepose/native/twin_affinity.py."},
    {"letterbox", py_letterbox, METH_VARARGS, "See edgepose/native/twin_letterbox.py."},
    {"movenet", py_movenet, METH_VARARGS, "See edgepose/native/twin_movenet.py."},
    {"movenet_people", py_movenet_people, METH_VARARGS, "See edgepose/native/twin_movenet.py."},
    {"openpose", py_openpose, METH_VARARGS, "See edgepose/native/twin_openpose.py."},
    {"openpose_scratch_bytes", py_openpose_scratch_bytes, METH_VARARGS, "Bytes of scratch that openpose needs."},
    {"presence", py_presence, METH_VARARGS, "See edgepose/native/twin_presence.py."},
    {"letterbox_windows", py_letterbox_windows, METH_VARARGS, "See edgepose/native/twin_letterbox.py."},
    {"letterbox_scratch_bytes", py_letterbox_scratch_bytes, METH_VARARGS, "Bytes of scratch that letterbox needs."},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_kernels", "Compiled kernels of edgepose.", -1,
                                        methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernels(void)
{
    return PyModule_Create(&definition);
}
