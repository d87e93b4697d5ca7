#!/usr/bin/env python3
"""Works out, with NumPy and SciPy and other methods than the Swift code, the numbers its tests expect, and prints them as JSON.

  python3 -m venv VENV && VENV/bin/pip install numpy scipy
  VENV/bin/python Tests/Peers/advertising_numbers.py > Tests/Golden/advertising/numbers.json

Methods: attribution rules by plain loops over fractions; Markov removal by taking the channel out of the chain and solving
again, and by a long power iteration; Shapley by all orders of joining; allocation on a grid by mixed-integer programming
(scipy.optimize.milp), off the grid by many starts of SLSQP, the dual bound by linear programming over concave envelopes;
curve shapes by SciPy's special functions; posteriors by numerical integration; dilution by a general optimiser; priors from a channel's other rows by numerical integration over
the channel's effect, one leave-one-out at a time; design effects by summing an AR(1) covariance matrix.
"""
import itertools
import json
import math
import sys
from fractions import Fraction

import numpy as np
from scipy import integrate, optimize, special, stats

random = np.random.default_rng(20260101)


def make_paths(channels, count):
    paths = []
    for _ in range(count):
        length = int(random.integers(1, 6))
        touches = [int(random.integers(0, channels)) for _ in range(length)]
        seconds = np.sort(random.integers(0, 40 * 86_400, length)).tolist()
        converted = bool(random.random() < 0.15 + 0.6 * (channels - touches[-1]) / channels / 2)
        paths.append({
            "channels": touches, "seconds": [int(s) for s in seconds], "converted": converted,
            "revenue": int(random.integers(500, 90_000)) if converted else 0})
    return paths


def touch_rules(paths, channels, half_life):
    rules = {}
    for rule in ("last_touch", "first_touch", "linear", "time_decay"):
        conversions, revenue = [Fraction(0)] * channels, [Fraction(0)] * channels
        for path in (p for p in paths if p["converted"]):
            touches = path["channels"]
            if rule == "last_touch":
                weights = [Fraction(0)] * (len(touches) - 1) + [Fraction(1)]
            elif rule == "first_touch":
                weights = [Fraction(1)] + [Fraction(0)] * (len(touches) - 1)
            elif rule == "linear":
                weights = [Fraction(1)] * len(touches)
            else:
                end = path["seconds"][-1]
                weights = [Fraction(0.5 ** ((end - s) / half_life)) for s in path["seconds"]]
            total = sum(weights)
            for touch, weight in zip(touches, weights):
                conversions[touch] += weight / total
                revenue[touch] += weight / total * path["revenue"]
        rules[rule] = {"conversions": [float(c) for c in conversions], "revenue": [float(r) for r in revenue]}
    return rules


def chain(paths, channels):
    """Transition matrix over start, channels, conversion, none."""
    size = channels + 3
    counts = np.zeros((size, size))
    for path in paths:
        states = [0] + [c + 1 for c in path["channels"]] + [channels + 1 if path["converted"] else channels + 2]
        for a, b in zip(states, states[1:]):
            counts[a, b] += 1
    for absorbing in (channels + 1, channels + 2):
        counts[absorbing, absorbing] = 1
    sums = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, sums, out=np.zeros_like(counts), where=sums > 0)


def conversion_probability(matrix, channels):
    inner = matrix[: channels + 1, : channels + 1]
    return float(np.linalg.solve(np.eye(channels + 1) - inner, matrix[: channels + 1, channels + 1])[0])


def markov(paths, channels):
    matrix = chain(paths, channels)
    whole = conversion_probability(matrix, channels)
    walked = float(np.linalg.matrix_power(matrix, 4096)[0, channels + 1])
    assert abs(whole - walked) < 1e-9, (whole, walked)
    effects = []
    for channel in range(channels):
        without = matrix.copy()
        without[channel + 1, :] = 0
        without[channel + 1, channels + 2] = 1
        effects.append(1 - conversion_probability(without, channels) / whole)
    return {"probability": whole, "removal": effects}


def shapley(paths, channels):
    def worth(members, key):
        members = set(members)
        return sum(
            (p["revenue"] if key == "revenue" else 1)
            for p in paths if p["converted"] and set(p["channels"]) <= members)

    result = {}
    for key in ("conversions", "revenue"):
        table = {s: worth([c for c in range(channels) if s >> c & 1], key) for s in range(1 << channels)}
        values = [Fraction(0)] * channels
        for order in itertools.permutations(range(channels)):
            joined = 0
            for channel in order:
                values[channel] += table[joined | 1 << channel] - table[joined]
                joined |= 1 << channel
        result[key] = [float(v / math.factorial(channels)) for v in values]
    return result


def attribution():
    cases = []
    for channels, count in ((2, 40), (4, 200), (6, 400)):
        paths = make_paths(channels, count)
        half_life = 604_800
        cases.append({
            "channels": channels, "halfLife": half_life, "paths": paths,
            "rules": touch_rules(paths, channels, half_life), "markov": markov(paths, channels),
            "shapley": shapley(paths, channels)})
    return cases


def shapes():
    rows = []
    levels = [0.0, 0.03125, 0.25, 0.7, 1.0, 1.5, 4.0, 16.0]
    for family, kappa, exponent, threshold, base in (
            ("exponential", 0.5, 1, 0, 0), ("exponential", 2.0, 1, 0, 0.2), ("hill", 0.9, 1, 0, 0),
            ("hill", 1.4, 1.6, 0, 0.1), ("logarithmic", 0.3, 1, 0, 0.35), ("threshold", 0.6, 1, 0.45, 0),
            ("threshold", 0.9, 3, 0, 0.6)):
        def raw(u):
            if family == "exponential":
                return stats.expon.cdf(u, scale=kappa)
            if family == "logarithmic":
                return special.xlog1py(1.0, u / kappa)
            # Hill's function is the distribution function of the log-logistic (Fisk) distribution.
            return stats.fisk.cdf(u - threshold, exponent, scale=kappa) if u > threshold else 0.0
        rows.append({
            "family": family, "kappa": kappa, "exponent": exponent, "threshold": threshold, "base": base,
            "levels": levels, "response": [float(base + (1 - base) * raw(u) / raw(1.0)) for u in levels]})
    return rows


def posterior():
    """Two candidate means for Poisson counts with a gamma prior on the amplitude: weights by integrating the likelihood."""
    counts = np.array([31.0, 44, 18, 52, 39, 61, 25, 40])
    levels = np.array([0.7, 1.1, 0.4, 1.5, 1.0, 1.9, 0.6, 0.9])
    prior_mean, precision = 36.0, 4.0
    candidates = {"linear": lambda u: u, "root": np.sqrt, "flat": lambda u: 0.6 + 0.4 * u}
    evidence, means = {}, {}
    for name, shape in candidates.items():
        profile = shape(levels)
        offset = -150.0

        def density(a, profile=profile):
            log = stats.gamma.logpdf(a, precision, scale=prior_mean / precision)
            log += float(np.sum(counts * np.log(a * profile) - a * profile - special.gammaln(counts + 1)))
            return math.exp(log - offset) if math.isfinite(log) else 0.0
        evidence[name] = integrate.quad(density, 5, 120, limit=500)[0]
        means[name] = integrate.quad(lambda a: a * density(a), 5, 120, limit=500)[0] / evidence[name]
    total = sum(evidence.values())
    return {
        "counts": counts.tolist(), "levels": levels.tolist(), "priorMean": prior_mean, "precision": precision,
        "candidates": list(candidates), "profiles": [f(levels).tolist() for f in candidates.values()],
        "weights": [evidence[n] / total for n in candidates], "amplitudes": [means[n] for n in candidates]}


def dilution():
    """δ of conversions ~ Poisson(visitors · ρ_row · u^−δ) with its normal prior, by a general optimiser over all ρ and δ."""
    rows, weeks, true = 5, 30, 0.18
    spend = np.round(50_000 * np.exp(random.normal(0, 0.4, (rows, weeks)))).astype(int)
    level = spend / spend.mean(axis=1, keepdims=True)
    visitors = np.round(3_000 * level ** 0.6 * np.exp(random.normal(0, 0.05, (rows, weeks)))).astype(int)
    rate = np.array([0.01, 0.02, 0.03, 0.015, 0.025])[:, None]
    conversions = random.poisson(visitors * rate * level ** -true)

    def loss(parameters):
        delta, logs = parameters[0], parameters[1:]
        mean = visitors * np.exp(logs)[:, None] * level ** -delta
        return float(np.sum(mean - conversions * np.log(mean))) + 0.5 * ((delta - 0.05) / 0.1) ** 2
    best = optimize.minimize(loss, np.concatenate([[0.05], np.log(rate[:, 0])]), method="BFGS", options={"gtol": 1e-6})
    return {
        "weeks": weeks, "spend": spend.flatten().tolist(), "visitors": visitors.flatten().tolist(),
        "conversions": conversions.flatten().tolist(), "delta": float(best.x[0])}


def pooling():
    """Priors of rows' shapes: for each row the integral over its channel's effect, given the channel's other rows."""
    # A generator of its own: the numbers of the other parts do not move.
    own = np.random.default_rng(20260102)
    count, groups, common = 12, [0, 0, 0, 1, 1, 2], 0.5
    company = own.dirichlet(np.full(count, 2.0))
    elasticity = own.uniform(0.1, 1.4, count)
    order = np.argsort(elasticity)
    middle = np.empty(count)
    middle[order] = np.cumsum(company[order]) - company[order] / 2
    scores = stats.norm.ppf(middle)
    centers = [0.4, 0.5, 0.3, 1.1, 0.9, 0.7]
    likelihoods = [np.exp(-0.5 * ((elasticity - c) / 0.25) ** 2) for c in centers]

    def given(z):
        weights = company * stats.norm.pdf(scores, z, math.sqrt(1 - common)) / stats.norm.pdf(scores)
        return weights / weights.sum()
    priors = []
    for row, group in enumerate(groups):
        def density(z, row=row, group=group):
            value = stats.norm.pdf(z, 0, math.sqrt(common))
            for other, likelihood in enumerate(likelihoods):
                if other != row and groups[other] == group:
                    value *= float(given(z) @ likelihood)
            return value
        prior = np.array([
            integrate.quad(lambda z, shape=shape: density(z) * given(z)[shape], -5, 5, limit=200)[0]
            for shape in range(count)])
        priors.append((prior / prior.sum()).tolist())
    return {
        "company": company.tolist(), "elasticity": elasticity.tolist(), "scores": scores.tolist(), "groups": groups,
        "commonShare": common, "likelihoods": [v.tolist() for v in likelihoods], "priors": priors}


def design_effects():
    """Variance of a mean of n values with an AR(1) covariance matrix, over that of independent ones."""
    return [
        {"correlation": rho, "count": n,
         "effect": float((rho ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))).sum() / n)}
        for rho, n in ((0.6, 1), (0.6, 8), (0.6, 52), (0.3, 8), (-0.4, 20), (0.0, 30))]


def piecewise(row, x):
    return float(np.interp(x, row["spend"], row["value"]))


def grid_optimum(rows, units, step):
    """Multiple-choice knapsack as a mixed-integer programme."""
    gains, owners, sizes = [], [], []
    for index, row in enumerate(rows):
        for unit in range(units + 1):
            amount = row["minimum"] + unit * step
            if amount > row["maximum"]:
                break
            gains.append(piecewise(row, amount))
            owners.append(index)
            sizes.append(unit)
    pick_one = np.zeros((len(rows), len(gains)))
    pick_one[owners, range(len(gains))] = 1
    result = optimize.milp(
        -np.array(gains), integrality=np.ones(len(gains)), bounds=optimize.Bounds(0, 1),
        constraints=[
            optimize.LinearConstraint(pick_one, 1, 1), optimize.LinearConstraint(np.array(sizes)[None, :], 0, units)],
        options={"mip_rel_gap": 0})
    assert result.success
    return -float(result.fun)


def envelope_bound(rows, total):
    """Best value of the concave envelopes: a linear programme over convex combinations of each row's knots."""
    values, spends, owners = [], [], []
    for index, row in enumerate(rows):
        points = sorted({row["minimum"], row["maximum"], *(
            s for s in row["spend"] if row["minimum"] < s < row["maximum"])})
        for x in points:
            values.append(piecewise(row, x))
            spends.append(x)
            owners.append(index)
    mix = np.zeros((len(rows), len(values)))
    mix[owners, range(len(values))] = 1
    scale = max(values)
    result = optimize.linprog(
        -np.array(values) / scale, A_ub=np.array(spends)[None, :] / total, b_ub=[1], A_eq=mix, b_eq=np.ones(len(rows)),
        bounds=(0, 1), method="highs")
    assert result.success
    return -float(result.fun) * scale


def allocation():
    cases = []
    for count, threshold in ((2, False), (4, True), (7, True), (9, False)):
        rows = []
        total = 100_000
        for _ in range(count):
            knots = [0] + sorted({int(k) for k in random.integers(500, total, 12)}) + [total]
            scale, height = random.uniform(0.1, 0.6) * total, random.uniform(1, 4) * total / count
            start = random.uniform(0.05, 0.3) * total if threshold and random.random() < 0.7 else 0
            value = [round(float(height * (1 - math.exp(-max(0, k - start) / scale))), 3) for k in knots]
            minimum = int(random.integers(0, total // 20)) if random.random() < 0.4 else 0
            maximum = int(random.integers(total // 3, total)) if random.random() < 0.4 else total
            rows.append({"spend": knots, "value": value, "minimum": minimum, "maximum": maximum})
        free = total - sum(r["minimum"] for r in rows)
        units = 40
        step = -(-free // units)
        cases.append({
            "total": total, "units": units, "rows": rows,
            "gridValue": grid_optimum(rows, free // step, step), "upperBound": envelope_bound(rows, total)})
    return cases


def smooth_allocation():
    """Square roots, whose optimum is known in closed form and is found again by SLSQP."""
    weights, total = np.array([1.0, 2.0, 3.0, 0.5]), 1_000_000
    result = optimize.minimize(
        lambda x: -float(np.sum(weights * np.sqrt(np.maximum(x, 0)))), np.full(4, 0.25),
        jac=lambda x: -weights / (2 * np.sqrt(np.maximum(x, 1e-12))), bounds=[(1e-9, 1)] * 4, method="SLSQP",
        constraints=[{"type": "eq", "fun": lambda x: np.sum(x) - 1}], options={"ftol": 1e-14, "maxiter": 500})
    return {
        "weights": weights.tolist(), "total": total, "amounts": (result.x * total).tolist(),
        "value": -float(result.fun) * math.sqrt(total)}


json.dump(
    {
        "attribution": attribution(), "shapes": shapes(), "posterior": posterior(), "dilution": dilution(),
        "pooling": pooling(), "designEffects": design_effects(),
        "allocation": allocation(), "smoothAllocation": smooth_allocation(),
    }, sys.stdout, indent=None, separators=(",", ":"))
sys.stdout.write("\n")
