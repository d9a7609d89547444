/** The value below which the share `p` of all lies; NaN of nothing. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const rank = Math.ceil(p * sorted.length) - 1
  return sorted[Math.min(Math.max(rank, 0), sorted.length - 1)] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (Number.isInteger(middle)) return mean(sorted.slice(middle - 1, middle + 1))
  return sorted[Math.floor(middle)] ?? Number.NaN
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** For tables: as many digits as mean something. */
export function digits(value: number, decimals = 1): string {
  return Number.isFinite(value) ? value.toFixed(decimals) : '–'
}
