"""Judges a picture of the screen that grim took with -t ppm.

    screen.py dark PICTURE              nothing on it is bright
    screen.py lit PICTURE               something is: words, a ring, a card
    screen.py page PICTURE WIDTHxHEIGHT   the page of page.py fills it, to the corners
"""

import sys

ROOM = (0, 64, 128)
CORNERS = {(0, 0): (255, 0, 0), (1, 0): (0, 255, 0), (0, 1): (0, 0, 255), (1, 1): (255, 255, 0)}


def read(path):
    """Width, height and the pixels of a binary PPM file."""
    with open(path, "rb") as file:
        data = file.read()
    kind, width, height, top, pixels = split(data)
    assert (kind, top) == (b"P6", b"255"), f"{path} is no 8-bit PPM file"
    return int(width), int(height), pixels


def split(data):
    words, at = [], 0
    while len(words) < 4:
        end = at
        while not data[end : end + 1].isspace():
            end += 1
        words.append(data[at:end])
        at = end + 1
    return *words, data[at:]


def alike(one, other):
    return all(abs(a - b) <= 4 for a, b in zip(one, other))


what, path = sys.argv[1:3]
width, height, pixels = read(path)
if what == "dark":
    brightest = max(pixels)
    sys.exit(f"something on it is {brightest} of 255 bright" if brightest > 48 else 0)

if what == "lit":
    bright = sum(value > 100 for value in pixels)
    sys.exit(None if bright > 2000 else f"only {bright} values of it are bright")

if f"{width}x{height}" != sys.argv[3]:
    sys.exit(f"the picture is {width}x{height}, not {sys.argv[3]}")


def pixel(x, y):
    at = 3 * (y * width + x)
    return tuple(pixels[at : at + 3])


for (right, low), wanted in CORNERS.items():
    for inset in (0, 39):
        x, y = (width - 1 - inset if right else inset), (height - 1 - inset if low else inset)
        if not alike(pixel(x, y), wanted):
            sys.exit(f"at {x},{y} it is {pixel(x, y)}, not {wanted}")
strangers = sum(
    not alike(pixel(x, y), ROOM)
    for y in range(0, height, 3)
    for x in range(0, width, 3)
    if 40 <= y < height - 40 or 40 <= x < width - 40
)
if strangers:
    sys.exit(f"{strangers} of the looked-at pixels between the corners aren't the page's")
