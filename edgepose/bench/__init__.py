"""The harness behind `edgepose bench`: what a whole pipeline costs, measured so that a sceptic can check it.

`plan` says what is measured, `session` measures it cell by cell, each in processes of its own (`child` starts one,
`worker` is one), while `sampler` watches the machine; `summary` makes numbers of the samples, `honesty` says what
speaks against them, `record` keeps all of it, `compare` sets two records side by side.
"""
