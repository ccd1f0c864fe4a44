"""Writes heston_extreme.csv and heston_greeks.csv: Heston's model at 40 digits with mpmath.

The exponent is the textbook form with the Riccati solution, the derivative by T a difference at 60 digits, the contour is bent
by another angle than the library's and run twice with different angles: rows on which the two differ by more than 1e-18 are dropped.
Usage: python3 heston_reference.py extreme|greeks SEED ROWS > FILE
"""
import math, random, sys
from mpmath import mp, mpf, mpc, sqrt, exp, log, pi, sin, cos, sinh, cosh, atan2, fabs

mp.dps = 40


def exponent(z, T, v0, kappa, theta, sigma, rho):
    beta = kappa - rho * sigma * z
    d = sqrt(beta * beta + sigma * sigma * (z - z * z))
    if d.real < 0:
        d = -d
    e = exp(-d * T)
    r = (1 - e) / d
    g = 1 - (d - beta) * r / 2
    b = (z * z - z) * r / (2 * g)
    a = ((beta - d) * T - 2 * log(g)) / sigma**2
    return v0 * b + kappa * theta * a, b


def explosion_time(p, T, kappa, sigma, rho):
    beta = kappa - rho * sigma * p
    square = beta * beta - sigma * sigma * (p * p - p)
    if square < 0:
        f = sqrt(-square)
        return 2 / f * atan2(f, -beta)
    if beta >= 0:
        return mpf("inf")
    d = sqrt(square)
    return log((beta - d) / (beta + d)) / d


def width_beyond(sign, T, kappa, sigma, rho):
    origin = 1 if sign > 0 else 0
    finite = lambda s: explosion_time(origin + sign * s, T, kappa, sigma, rho) > T
    low, high = mpf("1e-30"), mpf(1)
    if not finite(low):
        return mpf(0)
    while finite(high):
        high *= 2
        if high > 1e13:
            return high
    while high / low > 1 + mpf(10) ** -6:
        middle = sqrt(low * high)
        low, high = (middle, high) if finite(middle) else (low, middle)
    return low


def option(k, T, v0, kappa, theta, sigma, rho, share, greeks=False):
    """Out-of-the-money option over the forward at k = ln(K/F): [c, dc/dk, d2c/dk2 - dc/dk, dc/dv0, dc/dT]."""
    k, T, v0, kappa, theta, sigma, rho = [mpf(x) for x in (k, T, v0, kappa, theta, sigma, rho)]
    sign = 1 if k >= 0 else -1
    pole = mpf(1) if k >= 0 else mpf(0)
    width = width_beyond(sign, T, kappa, sigma, rho)
    between = width < 1e-3
    if between:
        width, sign = mpf(1), -sign
    model = (v0, kappa, theta, sigma, rho)
    height = lambda s: (
        exponent(mpc(pole + sign * s), T, *model)[0].real
        - (pole + sign * s - 1) * k
        - log(fabs((pole + sign * s) * (pole + sign * s - 1)))
    )
    golden = (sqrt(mpf(5)) - 1) / 2
    a, c = log(width) - 60, log(width * (1 - mpf(10) ** -9))
    x1, x2 = c - golden * (c - a), a + golden * (c - a)
    f1, f2 = height(exp(x1)), height(exp(x2))
    for _ in range(60):
        if f1 < f2:
            c, x2, f2 = x2, x1, f1
            x1 = c - golden * (c - a)
            f1 = height(exp(x1))
        else:
            a, x1, f1 = x1, x2, f2
            x2 = a + golden * (c - a)
            f2 = height(exp(x2))
    s = exp((a + c) / 2)
    z0, top = pole + sign * s, height(s)
    h0 = min(s, width - s) / 1000
    curvature = (height(s + h0) + height(s - h0) - 2 * top) / h0**2
    total = v0 + kappa * theta * T
    steepest = atan2(total * sqrt(1 - rho * rho) / sigma, k + total * rho / sigma)
    first, last = max(steepest - pi / 2, pi / 4), min(steepest + pi / 2, 3 * pi / 4)
    tilt, half = (first + last) / 2 - pi / 2, (last - first) / 2
    tilt, half = tilt + share * half, half * (1 - abs(share))
    b = min(1 / sqrt(curvature), mpf("0.8") * min(s, width - s) / sin(half))
    step = 2 * pi * half / 70
    sums = [mpf(0)] * 5
    peak, j = mpf(0), 0
    while True:
        x = j * step
        z = z0 + b * (mpc(0, 1) * cos(tilt) * sinh(x) - sin(tilt) * (cosh(x) - 1))
        dz = b * (mpc(0, 1) * cos(tilt) * cosh(x) - sin(tilt) * sinh(x))
        psi, by_variance = exponent(z, T, *model)
        v = exp(psi - (z - 1) * k - top) / (z * (z - 1)) * dz * (mpf("0.5") if j == 0 else 1)
        terms = [v]
        if greeks:
            mp.dps = 60
            h = T * mpf(10) ** -20
            by_time = (exponent(z, T + h, *model)[0] - exponent(z, T - h, *model)[0]) / (2 * h)
            mp.dps = 40
            terms = [v, -(z - 1) * v, z * (z - 1) * v, by_variance * v, by_time * v]
        for n, term in enumerate(terms):
            sums[n] += term.imag
        size = fabs(terms[2] if greeks else v)
        peak = max(peak, size)
        if size < peak * mpf(10) ** -33:
            break
        j += 1
        if j > 20000:
            raise ValueError("no end")
    result = [term * step / pi * exp(top) for term in sums]
    if between:
        result[0] += 1 if k >= 0 else exp(k)
        result[1] += 0 if k >= 0 else exp(k)
    return result


def total_variance(T, v0, kappa, theta):
    duration = (1 - math.exp(-kappa * T)) / kappa if kappa * T > 1e-8 else T
    return theta * T + (v0 - theta) * duration


def main():
    kind, seed, rows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(seed)
    uniform, pick = rng.uniform, rng.choice
    between = lambda low, high: math.exp(uniform(math.log(low), math.log(high)))
    if kind == "extreme":
        print("t,v0,kappa,theta,sigma,rho,k,value")
    else:
        print("type,spot,strike,t,r,q,v0,kappa,theta,sigma,rho,price,delta,gamma,theta_greek,rho_greek,variance_vega")
    while rows > 0:
        if kind == "extreme":
            T = between(1e-6, 40)
            v0 = pick([0.0, between(1e-6, 4), between(1e-2, 1)])
            kappa = pick([0.0, between(1e-3, 30), between(0.3, 6)])
            theta = pick([0.0, between(1e-6, 4), between(1e-2, 1)])
            sigma = between(1e-3, 10)
            rho = pick([uniform(-1, 1), -0.999, 0.999, -1.0, 1.0, -0.7, -1 + 1e-9])
            width = total_variance(T, v0, kappa, theta)
            if width < 1e-14:
                continue
            k = pick([uniform(-3, 3), uniform(-12, 12), 0.0, uniform(-0.1, 0.1)]) * math.sqrt(width)
        else:
            T = pick([between(0.005, 10), uniform(0.02, 3)])
            v0, theta = between(0.005, 1), between(0.005, 1)
            kappa, sigma = between(0.2, 8), between(0.05, 2.5)
            rho = pick([uniform(-0.95, 0.5), -0.99, 0.9])
            width = total_variance(T, v0, kappa, theta)
            r, q, spot, w = uniform(-0.01, 0.08), uniform(0, 0.06), between(10, 1000), pick([1, -1])
            strike = spot * math.exp((r - q) * T + uniform(-3, 3) * math.sqrt(width))
            S, K, R, Q = mpf(spot), mpf(strike), mpf(r), mpf(q)
            k = log(K / S) - (R - Q) * mpf(T)
        try:
            a = option(k, T, v0, kappa, theta, sigma, rho, mpf(0), kind == "greeks")
            b = option(k, T, v0, kappa, theta, sigma, rho, mpf("0.4"), kind == "greeks")
        except (ValueError, ZeroDivisionError):
            continue
        if not a[0] > mpf(10) ** -290 or max(fabs(x - y) for x, y in zip(a, b)) > 1e-18 * fabs(a[0]) * (1 if kind == "extreme" else 1e6):
            continue
        rows -= 1
        if kind == "extreme":
            numbers = [T, v0, kappa, theta, sigma, rho, k, float(a[0])]
            print(",".join(repr(x) for x in numbers))
            continue
        forward, discount = S * exp(-Q * mpf(T)), K * exp(-R * mpf(T))
        parity = 0 if (w > 0) == (k >= 0) else w
        c, slope, bend, by_variance, by_time = a
        results = [
            forward * c + parity * (forward - discount),
            exp(-Q * mpf(T)) * (c - slope + parity),
            exp(-Q * mpf(T)) * bend / S,
            forward * (Q * c - by_time + (R - Q) * slope) + parity * (Q * forward - R * discount),
            mpf(T) * (parity * discount - forward * slope),
            forward * by_variance,
        ]
        numbers = [spot, strike, T, r, q, v0, kappa, theta, sigma, rho] + [float(x) for x in results]
        print(("call," if w > 0 else "put,") + ",".join(repr(x) for x in numbers))


main()
