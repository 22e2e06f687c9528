"""What a check of `edgepose doctor` has to say."""


def finding(ok, text, advice="", needed=True):
    """{ok, needed, text, advice}; the advice is left out where all is well."""
    return {"ok": ok, "needed": needed, "text": text, "advice": "" if ok else advice}
