"""From the publisher's OpenVINO IR of Lightweight OpenPose to one full-int8 `.tflite` file, without either runtime.

`ir` reads the files, `layers` sees the network in them, `grids` says how every tensor is stored, `requantise` fits the
weights to that, `lower` makes operators of it, `tflite_writer` makes bytes, and `check` reads them back and compares
them with the IR. `docs/models.md` tells how and why.
"""
