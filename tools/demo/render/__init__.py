"""Rebuild the demo catalogue's photos and line drawings from Debian's `sweethome3d-furniture` models.

Run `python -m tools.demo.render --help`. Needs the `render` extra (VTK) and the Debian packages
`sweethome3d-furniture`, `libegl1` and `libgl1-mesa-dri`; nothing else in the project needs them.
"""
