# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The handwritten digits of scikit-learn, and the one split that every script uses.

1,797 images of 8 by 8 pixels with 17 gray levels, from the UCI "Optical Recognition of Handwritten
Digits" set, which the scikit-learn package carries.
"""

import numpy as np
from sklearn.datasets import load_digits

HELD_OUT = 360
SPLIT_SEED = 1


def load():
    """Returns (train images, train labels, held-out images, held-out labels).

    Images are float32 [N, 1, 8, 8], scaled to 0..1; labels are int64 [N].
    """
    digits = load_digits()
    images = (digits.images / 16.0).astype(np.float32)[:, None]
    labels = digits.target.astype(np.int64)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(images))
    train, held_out = order[HELD_OUT:], order[:HELD_OUT]
    return images[train], labels[train], images[held_out], labels[held_out]
