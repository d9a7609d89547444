import { svgOf, textAt, WIDTH } from './svg.ts'

/** Counts to be compared at a glance: as many dots as have been counted. */
export interface DotChart {
  readonly title: string
  readonly unit: string
  readonly rows: readonly {
    readonly name: string
    readonly dots: number
    readonly isOurs: boolean
  }[]
}

const LEFT = 190
const RIGHT = 70
const TOP = 64
const PITCH = 5
const PER_LINE = Math.floor((WIDTH - LEFT - RIGHT) / PITCH)
const GAP = 14
const ROW_MIN = 16

export function dotChart({ title, unit, rows }: DotChart): string {
  const parts: string[] = []
  let top = TOP
  for (const { name, dots, isOurs } of rows) {
    const lines = Math.ceil(dots / PER_LINE)
    const height = Math.max(ROW_MIN, lines * PITCH)
    const middle = top + height / 2 + 5
    const weight = isOurs ? 'strong' : ''
    parts.push(
      textAt(LEFT - 14, middle, name, weight, 'end'),
      `<path d="${path(dots, top + (height - lines * PITCH) / 2)}" class="${isOurs ? 'ours' : 'many'}"/>`,
      textAt(WIDTH - 10, middle, dots.toLocaleString('en-US'), weight, 'end'),
    )
    top += height + GAP
  }
  const description = `${unit}: ${rows.map((row) => `${row.name} ${row.dots}`).join(', ')}`
  return svgOf({ title, subtitle: unit, description, height: top, parts })
}

/** All dots of a row, line after line. */
function path(dots: number, top: number): string {
  return Array.from({ length: dots }, (_, at) => {
    const x = LEFT + (at % PER_LINE) * PITCH
    return `M${x} ${top + Math.floor(at / PER_LINE) * PITCH}h4v4h-4z`
  }).join('')
}
