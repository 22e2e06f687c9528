"""What a check has to say: all is well, something is worth a look, or something that is needed is missing."""


def good(text, **more):
    """All is well."""
    return {"status": "ok", "text": text, "advice": "", **more}


def warn(text, advice, **more):
    """It works, and could be better: what to do."""
    return {"status": "warn", "text": text, "advice": advice, **more}


def fail(text, advice, **more):
    """Nothing works without it: what to do."""
    return {"status": "fail", "text": text, "advice": advice, **more}


def weigh(facts, faults, **more):
    """A warning with the facts and all faults where there are any, else the facts alone.

    Parameters
    ----------
    facts : list of str
    faults : list of (text, advice); one advice of several faults is given once
    """
    if not faults:
        return good("; ".join(facts), **more)
    text = "; ".join([*(fault for fault, _ in faults), *facts])
    return warn(text, "; ".join(dict.fromkeys(advice for _, advice in faults)), **more)
