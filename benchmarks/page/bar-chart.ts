import { round, short, svgOf, textAt, WIDTH } from './svg.ts'

/** Contenders beside each other, by one measure or by several, each of its own scale. */
export interface BarChart {
  readonly title: string
  readonly subtitle: string
  readonly measures: readonly {
    readonly name: string
    readonly better: 'more' | 'less'
  }[]
  readonly rows: readonly {
    readonly name: string
    readonly kind: 'ours' | 'floor' | 'peer'
    /** One per measure; `undefined` where it was not measured. */
    readonly values: readonly (number | undefined)[]
  }[]
}

const LEFT = 240
/** Of a name, so that it fits beside its bars. */
const MOST_LETTERS = 33
const GAP = 18
/** Behind a bar, for its figure. */
const FIGURE = 46
const TOP = 92
const PITCH = 22
const THICK = 13

export function barChart({ title, subtitle, measures, rows }: BarChart): string {
  const panel = (WIDTH - LEFT - 10 - GAP * (measures.length - 1)) / measures.length
  const parts: string[] = []
  for (const [at, { name, better }] of measures.entries()) {
    const x = LEFT + at * (panel + GAP)
    parts.push(textAt(x, 70, name, 'strong'), textAt(x, 84, `${better} is better`, 'small'))
    const most = Math.max(...rows.map(({ values }) => values[at] ?? 0))
    for (const [row, { kind, values }] of rows.entries()) {
      const middle = TOP + row * PITCH + PITCH / 2
      parts.push(...bar(values[at], { x, middle, most, room: panel - FIGURE, kind }))
    }
  }
  for (const [row, { name, kind }] of rows.entries()) {
    const y = TOP + row * PITCH + PITCH / 2 + 4
    parts.push(textAt(LEFT - 12, y, clipped(name), kind === 'ours' ? 'strong' : '', 'end'))
  }
  const height = TOP + rows.length * PITCH + 12
  return svgOf({ title, subtitle, description: description(measures, rows), height, parts })
}

const clipped = (name: string) =>
  name.length > MOST_LETTERS ? `${name.slice(0, MOST_LETTERS - 1)}…` : name

interface Place {
  readonly x: number
  readonly middle: number
  readonly most: number
  readonly room: number
  readonly kind: string
}

function bar(value: number | undefined, { x, middle, most, room, kind }: Place): string[] {
  if (value === undefined) return [textAt(x, middle + 4, '–')]
  const length = most > 0 ? Math.max(1, (value / most) * room) : 1
  return [
    `<rect x="${round(x)}" y="${middle - THICK / 2}" width="${round(length)}" height="${THICK}" rx="2" class="${kind}"/>`,
    textAt(x + length + 5, middle + 4, short(value), kind === 'ours' ? 'strong' : ''),
  ]
}

const description = (measures: BarChart['measures'], rows: BarChart['rows']) =>
  measures
    .map(({ name, better }, at) => {
      const figures = rows.map((row) => {
        const value = row.values[at]
        return `${row.name} ${value === undefined ? 'not measured' : short(value)}`
      })
      return `${name}, ${better} is better: ${figures.join('; ')}.`
    })
    .join(' ')
