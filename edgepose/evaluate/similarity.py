"""Object keypoint similarity, and which pose answers which person."""

import numpy as np

#: COCO's sigmas, https://cocodataset.org/#keypoints-eval
SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000


def oks(xy, people):
    """How alike poses and people are: mean over labelled keypoints of exp(-d² / (2 area (2 sigma)²)).

    Parameters
    ----------
    xy : float (P, 17, 2), poses, px
    people : People of the same picture, each with a labelled keypoint

    Returns
    -------
    float64 (P, N), 0..1

    Notes
    -----
    The same as pycocotools' `computeOks` for people that count (tests/unit/test_evaluate_similarity.py).
    """
    square = ((xy[:, None] - people.xy) ** 2).sum(axis=-1)
    spread = 2 * (people.areas + np.spacing(1))[:, None] * (2 * SIGMAS) ** 2
    similar = np.where(people.labelled, np.exp(-square / spread), 0)
    return similar.sum(axis=-1) / people.labelled.sum(axis=-1)


def match(similarity):
    """Which pose answers which person: the best pair first, each pose and each person once.

    Parameters
    ----------
    similarity : float (P, N)

    Returns
    -------
    int (N,), a pose for each person; -1 where poses ran out
    """
    n_people = similarity.shape[1]
    found, taken = np.full(n_people, -1), set()
    for i in np.argsort(-similarity, axis=None, kind="stable"):
        pose, person = divmod(int(i), n_people)
        if found[person] < 0 and pose not in taken:
            found[person] = pose
            taken.add(pose)
    return found
