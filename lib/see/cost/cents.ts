/**
 * Shares whole cents out by weights, so that the shares sum to the cents exactly: each gets what lies below its part, and
 * the largest remainders get the cents that are left. All weights 0: the first gets everything.
 * @param cents a whole number, not negative
 * @param weights not negative
 */
export function shareCents(cents: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  if (!(sum > 0)) return weights.map((_, i) => i === 0 ? cents : 0);
  const exact = weights.map((weight) => cents * (weight / sum));
  const shares = exact.map(Math.floor);
  const left = cents - shares.reduce((a, b) => a + b, 0);
  const order = exact.map((part, i) => ({ i, rest: part - shares[i]! }))
    .sort((a, b) => b.rest - a.rest || a.i - b.i);
  for (let n = 0; n < left; n++) shares[order[n % order.length]!.i]!++;
  return shares;
}

/** USD as cents, rounded. */
export function centsOf(usd: number): number {
  return Math.round(usd * 100);
}
