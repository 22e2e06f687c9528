"""How accurate a model is: OKS AP, PCK, PCKh, PDJ and PCP against COCO keypoint annotations.

The data flows one way: `annotations` and `protocols` say what is looked at, `predict` (or `results`, for other
tools) gives poses, `score` measures them, `report` and `worst` show the outcome. `docs/eval.md` defines every number.
"""
