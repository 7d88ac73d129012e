"""How a hand shows something to a mirror: brought in, held and turned, taken away."""

from __future__ import annotations

import numpy as np

from backdrops import HEIGHT, WIDTH, Rng
from camera import Pose

# Frames, at ten a second.
ENTER, SHOW, LEAVE, EMPTY = 7, 49, 6, 26


def sway(rng: Rng, frames: np.ndarray, amount: float) -> np.ndarray:
    """A slow wandering: a few sines, none a multiple of another."""
    result = np.zeros(len(frames))
    for hertz, weight in ((0.17, 0.6), (0.41, 0.3), (0.93, 0.1)):
        result += weight * np.sin(2 * np.pi * (hertz * frames / 10 + rng.random()))
    return amount * result


def eased(part: np.ndarray) -> np.ndarray:
    """0 to 1 with the smoothness of an arm's movement (minimum jerk)."""
    t = np.clip(part, 0, 1)
    return t**3 * (10 - 15 * t + 6 * t**2)


def outside(rng: Rng, side: str, size: float) -> tuple[float, float]:
    """A place just out of view."""
    reach = size * 0.62
    if side == "below":
        return WIDTH / 2 + rng.uniform(-120, 120), HEIGHT + reach
    return (-reach if side == "left" else WIDTH + reach), HEIGHT * rng.uniform(0.45, 0.75)


def shown_by_hand(rng: Rng, enters: str, leaves: str, size: float) -> list[Pose]:
    """The poses of one appearance, a frame each."""
    count = ENTER + SHOW + LEAVE
    frames = np.arange(count)
    rest_x, rest_y = WIDTH / 2 + rng.uniform(-28, 28), HEIGHT / 2 + rng.uniform(-16, 14)
    x = rest_x + sway(rng, frames, 44) + rng.normal(0, 0.7, count)
    y = rest_y + sway(rng, frames, 24) + rng.normal(0, 0.7, count)
    scale = 1 + sway(rng, frames, 0.11)
    roll, yaw, pitch = (sway(rng, frames, degrees) for degrees in (13, 24, 12))

    away = np.maximum(1 - eased((frames + 1) / (ENTER + 1)), eased((frames + 1 - ENTER - SHOW) / (LEAVE + 1)))
    start, end = outside(rng, enters, size), outside(rng, leaves, size)
    poses = []
    for n in range(count):
        out_x, out_y = start if n < count // 2 else end
        poses.append(
            Pose(
                x=float(x[n] + (out_x - x[n]) * away[n]),
                y=float(y[n] + (out_y - y[n]) * away[n]),
                size=float(size * scale[n]),
                roll=float(roll[n] + 14 * away[n] * np.sign(out_x - rest_x)),
                yaw=float(yaw[n]),
                pitch=float(pitch[n]),
            )
        )
    return poses


def somewhere(rng: Rng, size: float) -> Pose:
    """One pose out of the same range, for a teaching picture."""
    return Pose(
        x=WIDTH / 2 + rng.uniform(-70, 70),
        y=HEIGHT / 2 + rng.uniform(-38, 36),
        size=size * rng.uniform(0.88, 1.12),
        roll=rng.uniform(-14, 14),
        yaw=rng.uniform(-25, 25),
        pitch=rng.uniform(-12, 12),
    )
