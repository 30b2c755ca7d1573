"""The ten digits as people write them: each is a family of pen movements with random habits.

Every function draws its habits (round or slim, crossed or plain, looped or cornered, how far the pen
overshoots) from the generator that it is given and returns the strokes in a box of height 1, y pointing down.
Slant, size, tremble and pen come later, in :mod:`convviz.data.digits.hand`, because they belong to the writer.
"""

from __future__ import annotations

from convviz.data.digits.habits import Habits
from convviz.data.digits.strokes import Glyph, Point, arc


def zero(rng: Habits) -> Glyph:
    """0: one ring, slim to circular, whose end misses, meets or crosses its beginning."""
    half_width = rng.uniform(0.22, 0.56)
    start = rng.normal(-70.0, 28.0)
    turn = 360.0 + rng.normal(4.0, 16.0)
    drift = rng.normal(0.0, 0.08)
    direction = 1.0 if rng.random() < 0.12 else -1.0
    ring = arc((0.5, 0.5), (half_width, 0.5), start, start + direction * turn, points=12, drift=drift)
    if rng.random() < 0.3:  # pointed at one end, like an egg or a drop
        pinch = rng.uniform(-0.5, 0.5)
        ring = [(0.5 + (x - 0.5) * (1.0 + pinch * (y - 0.5)), y) for x, y in ring]
    habit = rng.random()
    if habit < 0.12:  # the pen comes in with a small hook from above
        x, y = ring[0]
        ring = [(x + rng.uniform(-0.22, 0.08), y - rng.uniform(0.0, 0.12)), *ring]
    elif habit < 0.24:  # or leaves across the ring
        x, y = ring[-1]
        ring = [*ring, (x + rng.uniform(-0.1, 0.28), y + rng.uniform(-0.12, 0.2))]
    return [[ring]]


def one(rng: Habits) -> Glyph:
    """1: mostly a bare stroke, now and then with a flag, seldom with a flag and a foot."""
    bow = rng.normal(0.0, 0.03)
    top: Point = (0.5, 0.0)
    stem = [top, (0.5 + bow, 0.35), (0.5 + bow, 0.7), (0.5, 1.0)]
    habit = rng.random()
    if habit < 0.86:
        return [[stem]]
    flag: Point = (top[0] - rng.uniform(0.08, 0.28), rng.uniform(0.08, 0.3))
    flagged = [[flag, (flag[0] * 0.45 + top[0] * 0.55, flag[1] * 0.42), top], stem]
    if habit < 0.95:
        return [flagged]
    reach = rng.uniform(0.16, 0.34)
    tilt = rng.normal(0.0, 0.03)
    x, y = stem[-1]
    return [flagged, [[(x - reach, y + tilt), (x, y), (x + reach * rng.uniform(0.7, 1.2), y - tilt)]]]


def two(rng: Habits) -> Glyph:
    """2: a hook, a sweep down to the left, then a corner or a loop and a base line."""
    width = rng.uniform(0.48, 0.85)
    left, right = 0.5 - width / 2, 0.5 + width / 2
    depth = rng.uniform(0.08, 0.38)
    shoulder = rng.uniform(0.2, 0.36)
    base = rng.uniform(0.78, 0.98)
    hook: list[Point] = [(left + width * rng.uniform(-0.05, 0.25), depth)]
    if rng.random() < 0.2:  # a small curl where the pen touches down
        hook = [(hook[0][0] + 0.12, depth + rng.uniform(0.0, 0.08)), *hook]
    over: list[Point] = [
        (left + width * rng.uniform(0.2, 0.38), min(depth * 0.4, rng.uniform(0.02, 0.1))),
        (0.5 + width * rng.uniform(0.02, 0.2), 0.0),
        (right - width * rng.uniform(0.0, 0.14), shoulder),
    ]
    if rng.random() < 0.14:  # hardly a hook: the pen starts near the top
        hook = [(0.5 + width * rng.uniform(-0.2, 0.2), rng.uniform(0.0, 0.1))]
        over = over[2:] if rng.random() < 0.5 else over[1:]
    sweep: list[Point] = [(0.5 + width * rng.uniform(0.04, 0.26), shoulder + rng.uniform(0.2, 0.32))]
    end: Point = (right + rng.uniform(-0.05, 0.42), base + rng.normal(0.0, 0.1))
    if rng.random() < 0.45:  # looped: the pen turns upwards at the lower left and crosses itself
        size = rng.uniform(0.07, 0.28)
        flat = rng.uniform(0.6, 1.25)
        x = left + size
        low = max(base, sweep[0][1] + size * 0.8)
        sweep = [(sweep[0][0] * 0.8 + x * 0.2, sweep[0][1])]
        loop: list[Point] = [
            (x + size * 0.75, low - size * 0.2 * flat),
            (x - size * 0.2, low + size * 0.12),
            (x - size, low - size * 0.45 * flat),
            (x - size * 0.25, low - size * 1.15 * flat),
            (x + size * 0.85, low - size * 0.6 * flat),
            ((x + size * 0.85 + end[0]) / 2 + 0.06, low + rng.uniform(-0.06, 0.1)),
            (end[0], end[1] - size * rng.uniform(0.0, 0.5)),
        ]
        return [[[*hook, *over, *sweep, *loop]]]
    corner: Point = (left + rng.uniform(-0.06, 0.1), base)
    rise = rng.normal(0.0, 0.045)
    line: list[Point] = [
        corner,
        (corner[0] * 0.65 + end[0] * 0.35, base * 0.65 + end[1] * 0.35 - 0.02 - rise),
        (corner[0] * 0.3 + end[0] * 0.7, base * 0.3 + end[1] * 0.7 + rise),
        end,
    ]
    if rng.random() < 0.3:  # rounded: no lift and no stop at the corner
        return [[[*hook, *over, *sweep, (corner[0] + 0.02, base - 0.05), *line[1:]]]]
    return [[[*hook, *over, *sweep, corner], line]]


def three(rng: Habits) -> Glyph:
    """3: two bows, or a flat top and one bow, meeting in a corner, a notch or a small loop."""
    width = rng.uniform(0.48, 0.76)
    left, right = 0.5 - width / 2, 0.5 + width / 2
    middle = rng.uniform(0.38, 0.52)
    waist: Point = (0.5 + width * rng.uniform(-0.2, 0.1), middle)
    lower_right = right + rng.uniform(-0.04, 0.1)
    below: list[Point] = [
        (lower_right - width * 0.16, middle + (1 - middle) * 0.14),
        (lower_right, middle + (1 - middle) * rng.uniform(0.4, 0.55)),
        (lower_right - width * 0.25, 1.0 - (1 - middle) * rng.uniform(0.08, 0.16)),
        (0.5 - width * rng.uniform(0.0, 0.15), 1.0),
    ]
    tail = rng.random()
    if tail < 0.75:
        below.append((left + rng.uniform(-0.1, 0.08), 1.0 - rng.uniform(0.02, 0.2)))
    if rng.random() < 0.14:  # flat top
        top: list[Point] = [(left, rng.uniform(0.0, 0.08)), (0.5, 0.01), (right, rng.uniform(-0.03, 0.06))]
        return [[top, [top[-1], ((right + waist[0]) / 2, middle * 0.55), waist], [waist, *below]]]
    upper_right = right - rng.uniform(0.0, 0.16) * width
    above: list[Point] = [
        (left + rng.uniform(-0.03, 0.12), rng.uniform(0.07, 0.24)),
        (left + width * rng.uniform(0.2, 0.34), rng.uniform(0.01, 0.05)),
        (0.5 + width * rng.uniform(0.08, 0.2), 0.0),
        (upper_right, middle * rng.uniform(0.36, 0.5)),
        (upper_right - width * 0.2, middle * 0.86),
    ]
    if rng.random() < 0.18:  # a loop at the waist
        size = rng.uniform(0.03, 0.08)
        x, y = waist
        knot: list[Point] = [(x, y), (x - size * 1.6, y + size), (x - size, y - size * 0.4)]
        return [[[*above, *knot, (x + size, y + size * 0.2), *below]]]
    if rng.random() < 0.25:  # the waist rounded, not pointed
        return [[[*above, waist, *below]]]
    return [[[*above, waist], [waist, *below]]]


def four(rng: Habits) -> Glyph:
    """4: open or closed at the top, in two strokes or one."""
    width = rng.uniform(0.48, 0.8)
    left, right = 0.5 - width / 2, 0.5 + width / 2
    bar = rng.uniform(0.42, 0.64)
    stem_x = right - width * rng.uniform(0.08, 0.36)
    foot: Point = (stem_x + rng.normal(-0.03, 0.06), 1.0)
    tip: Point = (right + rng.uniform(-0.05, 0.14), bar + rng.normal(-0.03, 0.05))
    habit = rng.random()
    if habit < 0.26:  # closed: a triangle and a stem
        peak: Point = (stem_x + rng.normal(0.0, 0.03), rng.uniform(0.0, 0.05))
        elbow: Point = (left, bar)
        slope: list[Point] = [peak, ((peak[0] + left) / 2 + rng.normal(-0.01, 0.03), bar * 0.52), elbow]
        start: Point = (peak[0] + rng.normal(0.0, 0.02), rng.uniform(-0.04, 0.06))
        stem: list[Point] = [start, ((start[0] + foot[0]) / 2 + rng.normal(0.0, 0.02), 0.5), foot]
        return [[slope, [elbow, tip]], [stem]]
    start = (left + width * rng.uniform(0.02, 0.3), rng.uniform(0.0, 0.16))
    elbow = (left + width * rng.uniform(-0.03, 0.12), bar - rng.uniform(0.0, 0.05))
    arm: list[Point] = [start, ((start[0] + elbow[0]) / 2 - rng.uniform(-0.02, 0.05), bar * 0.55), elbow]
    head: Point = (stem_x + rng.normal(0.05, 0.06), rng.uniform(-0.06, 0.16))
    if habit < 0.46:  # one stroke: from the elbow the pen climbs to the head and comes down as the stem
        reach: Point = (stem_x - width * 0.1, bar - rng.uniform(0.02, 0.12))
        climb: list[Point] = [elbow, (reach[0] - width * 0.2, bar), reach, (head[0] + 0.02, head[1] + 0.06)]
        return [[arm, climb, [climb[-1], ((head[0] + foot[0]) / 2, 0.5), foot]]]
    stem = [head, ((head[0] + foot[0]) / 2 + rng.normal(0.0, 0.025), 0.5), foot]
    if habit < 0.72:  # open with a round elbow
        round_elbow: list[Point] = [
            arm[0],
            arm[1],
            (elbow[0] + 0.01, bar - 0.08),
            (elbow[0] + width * 0.2, bar + 0.02),
            tip,
        ]
        return [[round_elbow], [stem]]
    return [[arm, [elbow, ((elbow[0] + tip[0]) / 2, bar + rng.normal(0.0, 0.02)), tip]], [stem]]


def five(rng: Habits) -> Glyph:
    """5: a neck, a belly and a hat, in two strokes or in one that begins with the hat."""
    width = rng.uniform(0.46, 0.84)
    left, right = 0.5 - width / 2, 0.5 + width / 2
    neck: Point = (left + width * rng.uniform(0.0, 0.34), rng.uniform(0.0, 0.1))
    belly = rng.uniform(0.3, 0.54)
    joint: Point = (left + width * rng.uniform(-0.02, 0.18), belly)
    bulge = right - width * rng.uniform(0.0, 0.22)
    round_part: list[Point] = [
        (0.5 + width * rng.uniform(-0.14, 0.08), belly - rng.uniform(-0.04, 0.1)),
        (bulge - width * rng.uniform(0.04, 0.12), belly + (1 - belly) * rng.uniform(0.16, 0.28)),
        (bulge, belly + (1 - belly) * rng.uniform(0.46, 0.64)),
        (0.5 + width * rng.uniform(0.06, 0.22), 1.0 - rng.uniform(0.03, 0.08)),
        (0.5 - width * rng.uniform(0.05, 0.25), 1.0),
        (left - width * rng.uniform(-0.14, 0.26), 1.0 - rng.uniform(0.02, 0.16)),
    ]
    ending = rng.random()
    if ending < 0.15:
        round_part.pop()
    elif ending < 0.3:  # the end curls up
        x, y = round_part[-1]
        round_part.append((x - rng.uniform(-0.04, 0.06), y - rng.uniform(0.06, 0.2)))
    hat: Point = (right + rng.uniform(-0.14, 0.34), neck[1] + rng.normal(-0.04, 0.07))
    sag = rng.normal(0.01, 0.025)
    middle: Point = ((neck[0] + hat[0]) / 2, (neck[1] + hat[1]) / 2 + sag)
    down: list[Point] = [neck, ((neck[0] + joint[0]) / 2 - rng.uniform(-0.02, 0.03), belly * 0.55), joint]
    habit = rng.random()
    if habit < 0.42:  # two strokes, the hat put on last and seldom exactly
        off_x, off_y = rng.normal(0.02, 0.05), rng.normal(0.0, 0.035)
        put_on: list[Point] = [(neck[0] + off_x, neck[1] + off_y), middle, hat]
        return [[down, [joint, *round_part]], [put_on]]
    if habit < 0.62:  # one stroke with a sharp neck
        return [[[hat, middle, neck], down, [joint, *round_part]]]
    if habit < 0.84:  # one stroke, the joint rounded
        soft: list[Point] = [*down[:2], (joint[0] + width * 0.1, belly + 0.01), *round_part[1:]]
        return [[[hat, middle, neck], soft]]
    flow: list[Point] = [hat, middle, (neck[0] + 0.03, neck[1] + 0.05), down[1]]  # a flowing S
    return [[[*flow, (joint[0] + width * 0.14, belly), *round_part[1:]]]]


def six(rng: Habits) -> Glyph:
    """6: a stem curving into a bowl that closes on it, touches it or stays open."""
    width = rng.uniform(0.38, 0.68)
    left, right = 0.5 - width / 2, 0.5 + width / 2
    bowl_top = rng.uniform(0.4, 0.68)
    bowl_height = 1.0 - bowl_top
    start: Point = (left + width * rng.uniform(-0.15, 0.9), 0.0)
    curve = rng.uniform(0.0, 0.2)
    stem: list[Point] = [
        start,
        (left + (start[0] - left) * (0.52 - curve * 0.7), 0.22),
        (left + (start[0] - left) * max(0.03, 0.2 - curve), 0.45),
        (left, bowl_top + bowl_height * rng.uniform(0.3, 0.5)),
    ]
    if rng.random() < 0.1:  # a hook at the top
        stem = [(start[0] + rng.uniform(0.05, 0.12), rng.uniform(0.03, 0.1)), *stem]
    stop = rng.normal(0.0, 0.12)
    bowl: list[Point] = [
        (left + width * rng.uniform(0.12, 0.24), 1.0 - bowl_height * rng.uniform(0.08, 0.16)),
        (0.5 + width * rng.uniform(-0.06, 0.12), 1.0),
        (right - width * 0.08, 1.0 - bowl_height * rng.uniform(0.2, 0.34)),
        (right - width * rng.uniform(0.0, 0.08), bowl_top + bowl_height * rng.uniform(0.28, 0.5)),
        (right - width * rng.uniform(0.22, 0.34), bowl_top + bowl_height * rng.uniform(0.0, 0.1)),
        (0.5 - width * rng.uniform(0.0, 0.14), bowl_top + bowl_height * rng.uniform(0.04, 0.24)),
        (left + width * (0.18 + stop), bowl_top + bowl_height * (0.34 + stop)),
    ]
    ending = rng.random()
    if ending < 0.35:  # the pen runs on along the inside or across the stem
        x = left + width * rng.uniform(-0.12, 0.16)
        bowl.append((x, bowl_top + bowl_height * rng.uniform(0.5, 0.8)))
    elif ending < 0.52:  # left open
        bowl = bowl[:-2] if rng.random() < 0.6 else bowl[:-1]
    return [[[*stem, *bowl]]]


def seven(rng: Habits) -> Glyph:
    """7: a bar and a stem; some with a tick at the left, some crossed, some round at the shoulder."""
    width = rng.uniform(0.5, 0.8)
    left, right = 0.5 - width / 2, 0.5 + width / 2
    top = rng.uniform(0.0, 0.1)
    bar_start: Point = (left, top + rng.normal(0.03, 0.05))
    shoulder: Point = (right, top + rng.normal(-0.01, 0.03))
    foot: Point = (0.5 + width * rng.uniform(-0.36, 0.28), 1.0)
    bend = rng.normal(-0.04, 0.05)
    stem: list[Point] = [
        shoulder,
        (shoulder[0] * 0.62 + foot[0] * 0.38 + bend, 0.4),
        (shoulder[0] * 0.28 + foot[0] * 0.72 + bend * 0.8, 0.72),
        foot,
    ]
    wave = rng.normal(0.0, 0.035)
    bar: list[Point] = [
        bar_start,
        (left + width * 0.33, (bar_start[1] * 2 + shoulder[1]) / 3 - wave),
        (left + width * 0.68, (bar_start[1] + shoulder[1] * 2) / 3 + wave),
        shoulder,
    ]
    strokes: list[list[list[Point]]]
    if rng.random() < 0.28:  # round shoulder
        strokes = [[[*bar[:3], (right - 0.02, shoulder[1] + 0.06), *stem[1:]]]]
    else:
        strokes = [[bar, stem]]
    if rng.random() < 0.22:  # tick
        tick: Point = (left + rng.normal(-0.02, 0.03), bar_start[1] + rng.uniform(0.07, 0.18))
        strokes[0] = [[tick, bar_start], *strokes[0]]
    if rng.random() < 0.16:  # crossed
        height = rng.uniform(0.42, 0.62)
        x = shoulder[0] + (foot[0] - shoulder[0]) * height + bend
        reach = width * rng.uniform(0.24, 0.44)
        tilt = rng.normal(0.02, 0.03)
        strokes.append([[(x - reach, height + tilt), (x + reach * rng.uniform(0.8, 1.3), height - tilt)]])
    return strokes


def eight(rng: Habits) -> Glyph:
    """8: one stroke that crosses itself, closed or open at the upper right, or two rings on top of each other."""
    lower = rng.uniform(0.28, 0.7)
    upper = rng.uniform(0.32, 0.66)
    waist = rng.uniform(0.36, 0.58)
    shift = rng.normal(0.02, 0.05)
    top_x, low_x = 0.5 + shift, 0.5 - shift
    habit = rng.random()
    if habit < 0.08:  # two rings
        start = rng.uniform(-160.0, -20.0)
        first = arc((top_x, waist / 2), (upper / 2, waist / 2), start, start - 362.0, points=10, drift=0.03)
        begin = rng.uniform(-120.0, -60.0)
        centre: Point = (low_x, (1 + waist) / 2)
        second = arc(centre, (lower / 2, (1 - waist) / 2), begin, begin - 362.0, points=10, drift=0.03)
        return [[first], [second]]
    cross: Point = (0.5 + rng.normal(0.0, 0.03), waist)
    straight = rng.uniform(0.7, 1.15)  # below 1 the strokes cross like an X, above it like two rings
    top_left: list[Point] = [
        (top_x - upper * rng.uniform(0.0, 0.14), 0.0),
        (top_x - upper * rng.uniform(0.4, 0.5), waist * rng.uniform(0.3, 0.48)),
        (top_x - upper * 0.28 * straight, waist * 0.74),
    ]
    bottom: list[Point] = [
        (low_x + lower * 0.32 * straight, waist + (1 - waist) * 0.32),
        (low_x + lower * 0.46, waist + (1 - waist) * rng.uniform(0.54, 0.7)),
        (low_x + lower * rng.uniform(-0.06, 0.14), 1.0),
        (low_x - lower * 0.44, waist + (1 - waist) * rng.uniform(0.58, 0.76)),
        (low_x - lower * 0.3 * straight, waist + (1 - waist) * 0.34),
    ]
    rising: Point = (top_x + upper * 0.26 * straight, waist * 0.7)
    if habit < 0.8:  # begun at the upper right
        begin_at: Point = (top_x + upper * rng.uniform(0.2, 0.7), waist * rng.uniform(0.04, 0.4))
        lead: list[Point] = [begin_at]
        if begin_at[0] > top_x + upper * 0.45:  # from far out the pen first runs along the top
            lead.append((top_x + upper * 0.22, waist * rng.uniform(0.04, 0.14)))
        path: list[Point] = [*lead, *top_left, cross, *bottom, (cross[0] + 0.02, waist - 0.02), rising]
        ending = rng.random()
        if ending < 0.45:  # closed
            path.append((begin_at[0] + rng.normal(0.0, 0.04), begin_at[1] + rng.normal(0.0, 0.05)))
        elif ending < 0.85:  # near the beginning, past it or short of it
            path.append((top_x + upper * rng.uniform(0.34, 0.8), waist * rng.uniform(0.0, 0.5)))
        return [[path]]
    around: list[Point] = [rising, (top_x + upper * 0.46, waist * rng.uniform(0.28, 0.44)), *top_left]
    return [[[(cross[0] - 0.01, waist), *around, (cross[0] - 0.02, waist + 0.01), *bottom, cross]]]


def nine(rng: Habits) -> Glyph:
    """9: a ring, closed or not, and a stem that is straight, bowed or hooked."""
    width = rng.uniform(0.32, 0.68)
    left, right = 0.5 - width / 2, 0.5 + width / 2
    ring = rng.uniform(0.28, 0.56)
    begin: Point = (right - width * rng.uniform(-0.08, 0.34), ring * rng.uniform(0.04, 0.36))
    round_part: list[Point] = [
        begin,
        (0.5 + width * rng.uniform(-0.06, 0.14), 0.0),
        (left + width * rng.uniform(0.08, 0.2), ring * rng.uniform(0.2, 0.34)),
        (left, ring * rng.uniform(0.54, 0.74)),
        (left + width * rng.uniform(0.16, 0.28), ring * 0.97),
        (0.5 + width * rng.uniform(0.02, 0.14), ring * rng.uniform(0.84, 0.98)),
        (right - width * 0.1, ring * rng.uniform(0.46, 0.66)),
    ]
    top: Point = (right + rng.normal(0.0, 0.03), ring * rng.uniform(0.0, 0.36))
    habit = rng.random()
    if habit < 0.66:  # straight
        foot: Point = (right - width * rng.uniform(-0.15, 0.5), 1.0)
        bow = rng.normal(0.01, 0.025)
        stem: list[Point] = [
            top,
            ((top[0] * 2 + foot[0]) / 3 + bow, ring + (1 - ring) * 0.2),
            ((top[0] + foot[0] * 2) / 3 + bow, ring + (1 - ring) * 0.6),
            foot,
        ]
    elif habit < 0.94:  # bowed
        foot = (0.5 - width * rng.uniform(-0.35, 0.25), 1.0)
        stem = [
            top,
            (right + width * rng.uniform(-0.08, 0.06), ring),
            (right - width * rng.uniform(0.08, 0.2), ring + (1 - ring) * 0.55),
            foot,
        ]
    else:  # hooked to the left
        foot = (left - width * rng.uniform(-0.25, 0.1), 1.0 - rng.uniform(0.03, 0.16))
        stem = [
            top,
            (right + width * rng.uniform(-0.06, 0.06), ring * 1.05),
            (right - width * 0.08, ring + (1 - ring) * 0.6),
            (0.5 + width * rng.uniform(-0.05, 0.15), 1.0),
            foot,
        ]
    flow = rng.random()
    if flow < 0.45:  # the pen closes the ring, then turns back down
        return [[[*round_part, top], stem]]
    if flow < 0.7:  # the ring runs straight into the stem
        return [[[*round_part[:-1], (right - width * 0.06, ring * 0.55), *stem[1:]]]]
    return [[round_part], [[(top[0], top[1] - rng.uniform(-0.08, 0.14)), *stem[1:]]]]
