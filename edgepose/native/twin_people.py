"""People from limbs in plain Python: the reference of people.c."""

from edgepose.native.twin_limbs import LIMBS


def join_people(body, others):
    """[{keypoint: peak}], a person each; those that became part of another are empty.

    Parameters
    ----------
    body, others : lists of (score, limb, peak, peak), from `find_connections`

    Notes
    -----
    The best limb comes first, of equals the first found; `others` come after all of the body. A limb begins a person
    where both of its peaks are free, gives a free peak to the person of the other one who has none of its kind, and
    makes two people one where they have no kind of keypoint both. What is there is never replaced.
    """
    people, owners = [], {}
    for limbs in body, others:
        for _, limb, a, b in sorted(limbs, key=lambda entry: (-entry[0], *entry[1:])):
            _join(people, owners, (LIMBS[limb][0], a), (LIMBS[limb][1], b))
    return people


def _join(people, owners, a, b):
    of_a, of_b = owners.get(a), owners.get(b)
    if of_a is None and of_b is None:
        people.append({})
        _add(people, owners, len(people) - 1, a, b)
    elif of_b is None:
        _extend(people, owners, of_a, b)
    elif of_a is None:
        _extend(people, owners, of_b, a)
    elif of_a != of_b and not people[of_a].keys() & people[of_b].keys():
        into, gone = sorted((of_a, of_b))
        _add(people, owners, into, *people[gone].items())
        people[gone].clear()


def _extend(people, owners, person, end):
    if end[0] not in people[person]:
        _add(people, owners, person, end)


def _add(people, owners, person, *ends):
    people[person].update(ends)
    owners.update(dict.fromkeys(ends, person))
