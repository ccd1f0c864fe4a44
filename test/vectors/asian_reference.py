"""Writes asian_arithmetic.csv: options on the arithmetic average of fixings, by a method that shares nothing with the library's.

The value goes backwards over the fixings, E[g(1 + e^X Q)] by Gauss-Hermite quadrature of a Chebyshev interpolant in ln Q (the library
convolves densities forwards). Rows whose value moves by 3e-12 or more between two orders are left out.

    python3 asian_reference.py > asian_arithmetic.csv        (numpy, scipy; two minutes)
"""
import random
from math import exp, log, sqrt

import numpy as np
from numpy.polynomial.chebyshev import chebval
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import ndtr


def reference(spot, strike, fixings, r, q, vol, degree, order):
    """Put and call."""
    later = [t for t in fixings if t > 0]
    n, m = len(fixings), len(later)
    level = n * strike / spot - (n - m)
    gaps = [b - a for a, b in zip([0.0] + later, later)]
    drift = [(r - q - vol * vol / 2) * gap for gap in gaps]
    deviation = [vol * sqrt(gap) for gap in gaps]
    nodes, weights = hermegauss(order)
    weights = weights / weights.sum()

    def black(Q):
        s = deviation[0]
        d2 = (np.log(Q / level) + drift[0]) / s
        return level * ndtr(-d2) - Q * np.exp(drift[0] + s * s / 2) * ndtr(-d2 - s)

    def interpolant(before, k):
        high = log(m - k) + abs(r - q) * later[-1] + 9 * vol * sqrt(later[-1] - later[k]) + 0.1
        angle = np.pi * (np.arange(degree) + 0.5) / degree
        growth = np.exp(drift[k] + deviation[k] * nodes)
        values = np.array([weights @ before(1 + growth * Q) for Q in np.exp(0.5 * high * (np.cos(angle) + 1))])
        coefficients = 2 / degree * np.cos(np.outer(np.arange(degree), angle)) @ values
        coefficients[0] /= 2

        def value(Q):
            x = 2 * np.log(Q) / high - 1
            return np.where(x > 1, 0.0, chebval(np.clip(x, -1, 1), coefficients))

        return value

    value = black
    for k in range(1, m - 1):
        value = interpolant(value, k)
    if m == 1:
        ahead = black(np.array([1.0]))[0]
    else:
        ahead = weights @ value(1 + np.exp(drift[m - 1] + deviation[m - 1] * nodes))
    unit = exp(-r * later[-1]) * spot / n
    put = unit * float(ahead)
    return put, put + unit * (sum(exp((r - q) * t) for t in later) - level)


def rows():
    for n in (12, 50):
        for strike in (90.0, 100.0, 110.0):
            yield strike, [i / n for i in range(n + 1)], 0.0367, 0.0, 0.17801
    random.seed(3)
    for _ in range(24):
        n = random.choice([2, 3, 5, 12, 26])
        years = exp(random.uniform(log(0.05), log(4)))
        vol = exp(random.uniform(log(0.05), log(1.0)))
        even = [years * (i + 1) / n for i in range(n)]
        fixings = even
        if random.random() >= 0.5:
            fixings = sorted(years * random.uniform(0.02, 1) for _ in range(n))
            if any(b - a < years * 2e-3 for a, b in zip(fixings, fixings[1:])):
                fixings = even
        strike = 100 * exp(vol * sqrt(years) * random.uniform(-1.2, 1.2))
        yield strike, fixings, random.uniform(-0.02, 0.08), random.uniform(0, 0.05), vol


print("id,spot,strike,fixing_years,r,q,vol,put,call")
for i, (strike, fixings, r, q, vol) in enumerate(rows()):
    coarse = reference(100.0, strike, fixings, r, q, vol, 220, 90)
    put, call = reference(100.0, strike, fixings, r, q, vol, 300, 120)
    if abs(put - coarse[0]) < 3e-12:
        print(i, 100.0, repr(strike), " ".join(map(repr, fixings)), repr(r), repr(q), repr(vol), repr(put), repr(call), sep=",")
