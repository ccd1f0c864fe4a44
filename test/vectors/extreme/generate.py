"""Writes the reference files of this folder: textbook formulas in 80 to 400 digits (mpmath) on the exact doubles of the inputs.

The formulas are those of Haug, "The Complete Guide to Option Pricing Formulas" (2007), as printed, which are exact but lose
all digits in double precision in the corners that these rows are drawn from. Derivatives are numerical, in the same
arithmetic. `python3 generate.py` rewrites the files in place.
"""
import csv
import random
from pathlib import Path
from mpmath import mp, mpf, mpc, exp, log, sqrt, erfc, pi, sin, cos, diff

HERE = Path(__file__).parent
mp.dps = 80


def N(x):
    return erfc(-x / sqrt(2)) / 2


def n(x):
    return exp(-x * x / 2) / sqrt(2 * pi)


def write(name, header, rows):
    with open(HERE / name, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        for i, row in enumerate(rows):
            out.writerow([i] + ["" if x is None else x if isinstance(x, str) else repr(float(x)) for x in row])
    print(name, len(rows))


def bsm(w, S, K, T, r, q, v):
    s = v * sqrt(T)
    d1 = (log(S / K) + (r - q) * T) / s + s / 2
    return w * (S * exp(-q * T) * N(w * d1) - K * exp(-r * T) * N(w * (d1 - s)))


# Haug 4.17.1, standard barrier options (Reiner and Rubinstein 1991), with its letters.
def barrier(kind, w, S, K, H, R, T, r, q, v):
    up, knock_in = kind.startswith("up"), kind.endswith("in")
    b = r - q
    s = v * sqrt(T)
    mu = (b - v * v / 2) / (v * v)
    lam = sqrt(mpc(mu * mu + 2 * r / (v * v)))
    phi, eta = w, -1 if up else 1
    x1 = log(S / K) / s + (1 + mu) * s
    x2 = log(S / H) / s + (1 + mu) * s
    y1 = log(H * H / (S * K)) / s + (1 + mu) * s
    y2 = log(H / S) / s + (1 + mu) * s
    z = log(H / S) / s + lam * s
    dq, dr = exp(-q * T), exp(-r * T)
    p = exp(2 * (mu + 1) * log(H / S))
    p0 = exp(2 * mu * log(H / S))
    A = phi * S * dq * N(phi * x1) - phi * K * dr * N(phi * x1 - phi * s)
    B = phi * S * dq * N(phi * x2) - phi * K * dr * N(phi * x2 - phi * s)
    C = phi * S * dq * p * N(eta * y1) - phi * K * dr * p0 * N(eta * y1 - eta * s)
    D = phi * S * dq * p * N(eta * y2) - phi * K * dr * p0 * N(eta * y2 - eta * s)
    E = R * dr * (N(eta * x2 - eta * s) - p0 * N(eta * y2 - eta * s))
    F = R * (exp((mu + lam) * log(H / S)) * N(eta * z) + exp((mu - lam) * log(H / S)) * N(eta * z - 2 * eta * lam * s))
    F = F.real
    above = K > H
    key = ("up" if up else "down") + ("_in_" if knock_in else "_out_") + ("call" if w > 0 else "put")
    table = {
        "down_in_call": (C + E, A - B + D + E),
        "up_in_call": (A + E, B - C + D + E),
        "down_in_put": (B - C + D + E, A + E),
        "up_in_put": (A - B + D + E, C + E),
        "down_out_call": (A - C + F, B - D + F),
        "up_out_call": (F, A - B + C - D + F),
        "down_out_put": (A - B + C - D + F, F),
        "up_out_put": (B - D + F, A - C + F),
    }
    return table[key][0 if above else 1]


# Haug 4.19.5: pays when the barrier is hit, or at expiry if it was.
def one_touch(up, at_hit, S, H, T, r, q, v):
    s = v * sqrt(T)
    mu = (r - q - v * v / 2) / (v * v)
    lam = sqrt(mpc(mu * mu + 2 * (r if at_hit else 0) / (v * v)))
    eta = -1 if up else 1
    z = log(H / S) / s + lam * s
    hit = exp((mu + lam) * log(H / S)) * N(eta * z) + exp((mu - lam) * log(H / S)) * N(eta * z - 2 * eta * lam * s)
    return hit.real * (1 if at_hit else exp(-r * T))


# Pelsser (2000): eigenfunctions. Images: Haug 4.17.3 with flat barriers, as a density.
def double_out(w, S, K, L, U, T, r, q, v):
    s = v * sqrt(T)
    width = log(U / L)
    mu = (r - q) / (v * v) - mpf(1) / 2
    lo, hi = (max(K, L), U) if w > 0 else (L, min(K, U))
    if lo >= hi:
        return mpf(0)
    if s > width / 5:
        x, a, b = log(S / L), log(lo / L), log(hi / L)
        total = mpf(0)
        k = 1
        while k * k * pi * pi * s * s / (2 * width * width) < 240:
            om = k * pi / width
            def part(al):
                f = lambda y: exp(al * y) * (al * sin(om * y) - om * cos(om * y)) / (al * al + om * om)
                return f(b) - f(a)
            total += sin(om * x) * exp(-k * k * pi * pi * s * s / (2 * width * width)) * (L * part(mu + 1) - K * part(mu))
            k += 1
        return w * 2 / width * total * exp(-r * T - mu * x - mu * mu * s * s / 2)
    total = mpf(0)
    for j in range(-6, 7):
        for shift, sign in ((2 * j * width, 1), (2 * j * width - 2 * log(S / L), -1)):
            def part(level, drift):
                return N((log(level / S) - shift - drift * s * s) / s) * exp(shift * drift)
            total += sign * (S * exp(-q * T) * (part(hi, mu + 1) - part(lo, mu + 1)) - K * exp(-r * T) * (part(hi, mu) - part(lo, mu)))
    return w * total


# Haug 4.15.1 and 4.15.2 (Goldman-Sosin-Gatto, Conze-Viswanathan).
def lookback(kind, w, S, K, M, T, r, q, v):
    b = r - q
    if b == 0:
        b = mpf(10) ** -60
    s = v * sqrt(T)
    dr, db = exp(-r * T), exp((b - r) * T)
    k = 2 * b / (v * v)
    def at(X):
        d1 = (log(S / X) + (b + v * v / 2) * T) / s
        return d1, d1 - s
    if kind == "floating":
        d1, d2 = at(M)
        if w > 0:
            return S * db * N(d1) - M * dr * N(d2) + S * dr / k * ((S / M) ** -k * N(-d1 + 2 * b * sqrt(T) / v) - exp(b * T) * N(-d1))
        return M * dr * N(-d2) - S * db * N(-d1) + S * dr / k * (-((S / M) ** -k) * N(d1 - 2 * b * sqrt(T) / v) + exp(b * T) * N(d1))
    X = max(K, M) if w > 0 else min(K, M)
    d1, d2 = at(X)
    sure = dr * max(w * (M - K), 0)
    if w > 0:
        return sure + S * db * N(d1) - X * dr * N(d2) + S * dr / k * (-((S / X) ** -k) * N(d1 - 2 * b * sqrt(T) / v) + exp(b * T) * N(d1))
    return sure + X * dr * N(-d2) - S * db * N(-d1) + S * dr / k * ((S / X) ** -k * N(-d1 + 2 * b * sqrt(T) / v) - exp(b * T) * N(-d1))


def margrabe(S1, S2, Q1, Q2, T, q1, q2, v1, v2, rho):
    v = sqrt(v1 * v1 + v2 * v2 - 2 * rho * v1 * v2)
    return bsm(1, Q1 * S1, Q2 * S2, T, q2, q1, v)


def bachelier(w, F, K, T, r, v):
    s = v * sqrt(T)
    d = (F - K) / s
    return exp(-r * T) * (w * (F - K) * N(w * d) + s * n(d))


def digital(asset, w, S, K, T, r, q, v, cash):
    s = v * sqrt(T)
    d2 = (log(S / K) + (r - q) * T) / s - s / 2
    return S * exp(-q * T) * N(w * (d2 + s)) if asset else cash * exp(-r * T) * N(w * d2)


def asian(w, S, K, days, r, q, v):
    ts = [mpf(float(d) / 365) for d in days]
    T, b, m = ts[-1], r - q, len(ts)
    def black(mean, var):
        s = sqrt(var)
        d1 = log(mean / K) / s + s / 2
        return w * exp(-r * T) * (mean * N(w * d1) - K * N(w * (d1 - s)))
    var = v * v * sum(min(x, y) for x in ts for y in ts) / m**2
    discrete = black(S * exp((b - v * v / 2) * sum(ts) / m + var / 2), var)
    continuous = black(S * exp((b - v * v / 6) * T / 2), v * v * T / 3)
    m1 = sum(exp(b * x) for x in ts) / m
    m2 = sum(exp(b * (x + y) + v * v * min(x, y)) for x in ts for y in ts) / m**2
    return discrete, continuous, black(S * m1, log(m2 / m1**2))


def slope(f, x):
    """Central difference of the fourth order, with digits to spare."""
    with mp.workdps(mp.dps + 60):
        h = x * mpf(10) ** -30
        return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)


def draw(rng):
    """Market data from the corners: a minute to 30 years, vols of 1 to 500 %, rates of -20 to 30 %."""
    t = rng.choice([1 / 525600, 1 / 365, 0.1, 1, 5, 30]) * rng.uniform(0.5, 1)
    v = rng.choice([0.01, 0.1, 0.3, 1, 5]) * rng.uniform(0.5, 1)
    r = rng.choice([-0.2, -0.02, 0, 0.02, 0.3]) * rng.uniform(0.2, 1)
    q = rng.choice([r, -0.1, 0, 0.03, 0.2])
    # Distances in standard deviations, so that a row has something to say.
    step = lambda reach: rng.uniform(-reach, reach) * max(v * t**0.5, 1e-3)
    return rng.choice([0.01, 1, 100, 6e4]) * rng.uniform(0.5, 1), t, v, r, q, step


def slow_drift(rng, v):
    """Vol, a negative rate and a yield with which the drift is so small that the exponents of a rebate paid when hit are complex."""
    v = min(v, 1)
    r = -rng.choice([0.001, 0.02, 0.2])
    return v, r, r - v * v / 2 + rng.uniform(-0.9, 0.9) * v * (-2 * r) ** 0.5


def exact(*xs):
    return [mpf(x) for x in xs]


def main():
    import math
    rng = random.Random(20261121)
    rows = []
    for i in range(120):
        S, t, v, r, q, step = draw(rng)
        kind = ["down_in", "down_out", "up_in", "up_out"][i % 4]
        w = 1 if i % 8 < 4 else -1
        if i % 3 == 0:
            v, r, q = slow_drift(rng, v)
        far = abs(step(rng.choice([0.01, 1, 6])))
        H = S * math.exp(min(far, 30) * (1 if kind.startswith("up") else -1))
        K = S * math.exp(max(-30, min(30, step(3))))
        R = rng.choice([0, 0.1, 1]) * S
        f = lambda x: barrier(kind, w, x, *exact(K, H, R, t, r, q, v))
        with mp.workdps(400):
            rows.append([kind, "call" if w > 0 else "put", S, K, H, R, t, r, q, v, f(mpf(S)), slope(f, mpf(S))])
    write("barrier.csv", "id,barrier_type,type,spot,strike,barrier,rebate,t,r,q,vol,price,delta".split(","), rows)

    rows = []
    for i in range(80):
        S, t, v, r, q, step = draw(rng)
        up, at_hit = i % 2 == 0, i % 4 < 2
        if i % 3 == 0:
            v, r, q = slow_drift(rng, v)
        H = S * math.exp(min(abs(step(rng.choice([0.01, 1, 8, 30]))), 30) * (1 if up else -1))
        f = lambda x: one_touch(up, at_hit, x, *exact(H, t, r, q, v))
        with mp.workdps(400):
            row = [100 * f(mpf(S)), 100 * slope(f, mpf(S))]
        rows.append(["up" if up else "down", "hit" if at_hit else "expiry", S, H, t, r, q, v, 100, *row])
    write("one_touch.csv", "id,direction,payment,spot,barrier,t,r,q,vol,cash,price,delta".split(","), rows)

    rows = []
    for i in range(100):
        S, t, v, r, q, step = draw(rng)
        w = 1 if i % 2 == 0 else -1
        width = v * t**0.5 * rng.choice([0.3, 0.8, 2, 2.3, 3, 8])
        share = rng.choice([0.001, 0.2, 0.5, 0.9])
        L, U = S * math.exp(-width * share), S * math.exp(width * (1 - share))
        K = S * math.exp(max(-30, min(30, step(2))))
        knock_in = i % 4 >= 2
        f = lambda x: (bsm(w, x, *exact(K, t, r, q, v)) if knock_in else 0) + (-1 if knock_in else 1) * double_out(w, x, *exact(K, L, U, t, r, q, v))
        with mp.workdps(200):
            row = [f(mpf(S)), slope(f, mpf(S))]
        rows.append(["knock_in" if knock_in else "knock_out", "call" if w > 0 else "put", S, K, L, U, t, r, q, v, *row])
    write("double_barrier.csv", "id,kind,type,spot,strike,lower,upper,t,r,q,vol,price,delta".split(","), rows)

    rows = []
    for i in range(120):
        S, t, v, r, q, step = draw(rng)
        if i % 5 == 0:
            q = r * (1 + rng.choice([0, 1e-15, -1e-12, 1e-8, 1e-4]))
        kind, w = ["floating", "fixed"][i % 2], 1 if i % 4 < 2 else -1
        maximum = (kind == "fixed") == (w > 0)
        M = S * math.exp(min(abs(step(rng.choice([0, 0.01, 2]))), 30) * (1 if maximum else -1))
        K = S * math.exp(max(-30, min(30, step(2)))) if kind == "fixed" else None
        f = lambda x: lookback(kind, w, x, None if K is None else mpf(K), *exact(M, t, r, q, v))
        with mp.workdps(250):
            row = [f(mpf(S)), slope(f, mpf(S))]
        rows.append([kind, "call" if w > 0 else "put", S, K, M, t, r, q, v, *row])
    write("lookback.csv", "id,kind,type,spot,strike,current_extreme,t,r,q,vol,price,delta".split(","), rows)

    rows = []
    for i in range(60):
        S, t, v, r, q, step = draw(rng)
        asset, w = i % 2 == 0, 1 if i % 4 < 2 else -1
        K = S * math.exp(max(-30, min(30, step(rng.choice([0.01, 2, 20])))))
        f = lambda x, y=mpf(v): digital(asset, w, x, *exact(K, t, r, q), y, mpf(100))
        with mp.workdps(200):
            g = lambda x: slope(f, x)
            row = [f(mpf(S)), slope(f, mpf(S)), slope(g, mpf(S)), slope(lambda y: f(mpf(S), y), mpf(v))]
        rows.append(["asset" if asset else "cash", "call" if w > 0 else "put", S, K, t, r, q, v, None if asset else 100, *row])
    write("digital.csv", "id,kind,type,spot,strike,t,r,q,vol,cash,price,delta,gamma,vega".split(","), rows)

    rows = []
    for i in range(60):
        S1, t, v1, _, q1, step = draw(rng)
        S2, _, v2, _, q2, _ = draw(rng)
        Q1, Q2 = rng.choice([1, 0.01, 7]), rng.choice([1, 0.5])
        rho = rng.choice([-1, -0.5, 0, 0.9, 1 - 1e-12, 1])
        if i % 3 == 0:
            v2 = v1 * (1 + rng.choice([1e-9, 1e-3]))
        S2 = Q1 * S1 * math.exp(max(-30, min(30, step(2)))) / Q2
        args = exact(S1, S2, Q1, Q2, t, q1, q2, v1, v2, rho)
        with mp.workdps(200):
            def along(j):
                f = lambda x: margrabe(*[x if k == j else a for k, a in enumerate(args)])
                return slope(f, args[j])
            across = along(9) if rho != 0 else diff(lambda x: margrabe(*args[:9], x), 0)
            rows.append([*args, margrabe(*args), along(0), along(1), along(7), along(8), across])
    write("margrabe.csv", "id,spot1,spot2,quantity1,quantity2,t,q1,q2,vol1,vol2,rho,price,delta1,delta2,vega1,vega2,correlation_sensitivity".split(","), rows)

    rows = []
    for i in range(60):
        _, t, v, r, _, _ = draw(rng)
        w = 1 if i % 2 == 0 else -1
        vol = rng.choice([1e-4, 0.01, 2, 50]) * rng.uniform(0.5, 1)
        F = rng.choice([-1, 1]) * vol * rng.uniform(0, 3)
        K = F + vol * t**0.5 * rng.choice([0.001, 1, 6, 35]) * rng.uniform(-1, 1)
        f = lambda x, y=mpf(vol): bachelier(w, x, *exact(K, t, r), y)
        with mp.workdps(200):
            g = lambda x: slope(f, x)
            row = [f(mpf(F)), slope(f, mpf(F)), slope(g, mpf(F)), slope(lambda y: f(mpf(F), y), mpf(vol))]
        rows.append(["call" if w > 0 else "put", F, K, t, r, vol, *row])
    write("bachelier.csv", "id,type,forward,strike,t,r,normal_vol,price,delta_forward,gamma_forward,vega".split(","), rows)

    rows = []
    for i in range(60):
        S, _, v, r, q, _ = draw(rng)
        w = 1 if i % 2 == 0 else -1
        count = rng.choice([1, 2, 5, 30])
        reach = rng.choice([0.01, 30, 700, 11000])
        days = sorted(rng.uniform(0, reach) for _ in range(count))
        days = [f"{d:.6f}" for d in days]
        t = float(days[-1]) / 365
        K = S * math.exp(max(-30, min(30, rng.uniform(-1.5, 1.5) * v * t**0.5)))
        with mp.workdps(300):
            row = asian(w, *exact(S, K), days, *exact(r, q, v))
        rows.append(["call" if w > 0 else "put", S, K, " ".join(days), r, q, v, *row])
    write("asian.csv", "id,type,spot,strike,fixing_days,r,q,vol,geometric_discrete,geometric_continuous,arithmetic_turnbull_wakeman".split(","), rows)


main()
