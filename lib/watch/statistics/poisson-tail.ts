/**
 * Probability that a Poisson variable of the mean `rate` is at least `count`: how surprising so many events are where so few are
 * usual. Summed from the small terms up, so that tiny tails keep their digits (1 − P(X < count) would lose them).
 */
export function poissonTail(count: number, rate: number): number {
  if (count <= 0) return 1
  if (rate <= 0) return 0
  let term = Math.exp(-rate + count * Math.log(rate) - logFactorial(count))
  let sum = 0
  for (let k = count; term > sum * 1e-16; k += 1) {
    sum += term
    term *= rate / (k + 1)
  }
  return Math.min(1, sum)
}

function logFactorial(n: number): number {
  let sum = 0
  for (let k = 2; k <= n; k += 1) sum += Math.log(k)
  return sum
}
