import { round, short, svgOf, textAt, WIDTH } from './svg.ts'

/** How costs grow; both axes are logarithmic, so what is linear has a straight line. */
export interface LineChart {
  readonly title: string
  readonly subtitle: string
  readonly xName: string
  readonly series: readonly {
    readonly name: string
    /** Both above 0, in the order of x. */
    readonly points: readonly (readonly [x: number, y: number])[]
  }[]
}

const LEFT = 70
const RIGHT = 190
const TOP = 66
const BOTTOM = 44
const HEIGHT = 330
/** Between the names of two lines. */
const APART = 16

export function lineChart({ title, subtitle, xName, series }: LineChart): string {
  const all = series.flatMap(({ points }) => points)
  const xAxis = axis(
    all.map(([x]) => x),
    LEFT,
    WIDTH - RIGHT,
  )
  const yAxis = axis(
    all.map(([, y]) => y),
    HEIGHT - BOTTOM,
    TOP,
  )
  const parts = [
    ...yAxis.ticks.flatMap((tick) => [
      `<path class="grid" d="M${LEFT} ${yAxis.at(tick)}H${WIDTH - RIGHT}"/>`,
      textAt(LEFT - 8, yAxis.at(tick) + 4, short(tick), '', 'end'),
    ]),
    ...xAxis.ticks.flatMap((tick) => [
      `<path class="grid" d="M${xAxis.at(tick)} ${TOP}V${HEIGHT - BOTTOM}"/>`,
      textAt(xAxis.at(tick), HEIGHT - BOTTOM + 18, short(tick), '', 'middle'),
    ]),
    textAt((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, xName, '', 'middle'),
  ]
  const ends = apart(series.map(({ points }) => yAxis.at(points.at(-1)?.[1] ?? 1)))
  for (const [at, { name, points }] of series.entries()) {
    const corners = points.map(([x, y]) => `${xAxis.at(x)} ${yAxis.at(y)}`)
    parts.push(
      `<path class="line s${at}" d="M${corners.join('L')}"/>`,
      `<path class="line s${at}" d="M${WIDTH - RIGHT + 8} ${ends[at]}h22"/>`,
      textAt(WIDTH - RIGHT + 36, (ends[at] ?? 0) + 4, name),
    )
  }
  const description = series
    .map(
      ({ name, points }) =>
        `${name}: ${points.map(([x, y]) => `${short(y)} at ${short(x)}`).join(', ')}.`,
    )
    .join(' ')
  return svgOf({ title, subtitle, description, height: HEIGHT, parts })
}

/** From the power of ten below all values to the one above. */
function axis(values: readonly number[], from: number, to: number) {
  const first = Math.floor(Math.log10(Math.min(...values)))
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))))
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at))
  const at = (value: number) =>
    round(from + ((Math.log10(value) - first) / (last - first)) * (to - from))
  return { ticks, at }
}

/** Moved down as far as is needed to be read. */
function apart(heights: readonly number[]): number[] {
  const order = heights.map((_, at) => at).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0))
  const moved = [...heights]
  let least = -Infinity
  for (const at of order) {
    const height = Math.max(moved[at] ?? 0, least)
    moved[at] = height
    least = height + APART
  }
  return moved
}
