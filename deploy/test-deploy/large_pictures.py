"""Has the largest pictures that the mirror takes embedded, several at once.

    large_pictures.py HOW_MANY
"""

import io
import sys
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from mirror_client import MirrorClient

# Under 32 megapixels.
SIZE = (7900, 4000)


def picture(form: str) -> bytes:
    # Neither plain nor noise: a gradient, which every form stores in little.
    image = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def main() -> None:
    count = int(sys.argv[1])
    pictures = [picture("JPEG"), picture("PNG")]
    with MirrorClient() as mirror, ThreadPoolExecutor(count) as pool:
        list(pool.map(mirror.embed, [pictures[n % 2] for n in range(4 * count)]))
        # Nothing else than before.
        mirror.model()


if __name__ == "__main__":
    main()
