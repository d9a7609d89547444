export interface Point {
  readonly x: number
  readonly y: number
}

/**
 * How much y grows per x: the median of the slopes between all pairs of points (Theil and Sen). A few
 * points that are far off do not change it, as a single late collection would change a mean.
 *
 * 0 for fewer than two different x.
 */
export function slope(points: readonly Point[]): number {
  const slopes = points.flatMap((a, index) =>
    points.slice(index + 1).flatMap((b) => (a.x === b.x ? [] : [(b.y - a.y) / (b.x - a.x)])),
  )
  return median(slopes)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length === 0) return 0
  const upper = sorted[Math.floor(middle)] as number
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] as number)) / 2 : upper
}
