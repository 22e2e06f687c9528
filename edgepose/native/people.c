/* People of Lightweight OpenPose: limbs joined at the peaks that they share, the best limb first. */
#include <string.h>

#include "kernels.h"

static void add(OpenposeScratch *s, int person, int keypoint, int peak)
{
    s->people[person].peaks[keypoint] = (int8_t)peak, s->people[person].n++;
    s->owners[keypoint][peak] = (int16_t)person;
}

static void begin(OpenposeScratch *s, int person)
{
    memset(s->people[person].peaks, -1, OPENPOSE_KEYPOINTS);
    s->people[person].n = 0;
}

static int share(const Person *a, const Person *b)
{
    for (int k = 0; k < OPENPOSE_KEYPOINTS; k++)
        if (a->peaks[k] >= 0 && b->peaks[k] >= 0)
            return 1;
    return 0;
}

/* Makes two people one, unless both have a keypoint of a kind. */
static void merge(OpenposeScratch *s, int into, int from)
{
    Person *a = &s->people[into], *b = &s->people[from];
    if (into == from || share(a, b))
        return;
    for (int k = 0; k < OPENPOSE_KEYPOINTS; k++)
        if (b->peaks[k] >= 0)
            add(s, into, k, b->peaks[k]);
    b->n = 0;
}

/* Gives a peak to a person who has none of its kind. */
static void extend(OpenposeScratch *s, int person, int keypoint, int peak)
{
    if (s->people[person].peaks[keypoint] < 0)
        add(s, person, keypoint, peak);
}

/* Takes over one limb; returns how many people there are now. */
static int join(OpenposeScratch *s, Connection c, int n_people)
{
    Limb limb = openpose_limbs[limb_of(c)];
    int a = start_of(c), b = end_of(c), of_a = s->owners[limb.a][a], of_b = s->owners[limb.b][b];
    if (of_a >= 0 && of_b >= 0)
        merge(s, of_a < of_b ? of_a : of_b, of_a < of_b ? of_b : of_a);
    else if (of_a >= 0)
        extend(s, of_a, limb.b, b);
    else if (of_b >= 0)
        extend(s, of_b, limb.a, a);
    else {
        begin(s, n_people);
        add(s, n_people, limb.a, a), add(s, n_people, limb.b, b);
        return n_people + 1;
    }
    return n_people;
}

int join_people(OpenposeScratch *s, int n_body, int n)
{
    int n_people = 0;
    memset(s->owners, -1, sizeof s->owners);
    sort_down(s->connections, n_body);
    sort_down(s->connections + n_body, n - n_body);
    for (int i = 0; i < n; i++)
        n_people = join(s, s->connections[i], n_people);
    return n_people;
}
