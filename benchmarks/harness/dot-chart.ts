/** Counts to be compared at a glance: as many dots as have been counted. */
export interface DotChart {
  readonly title: string
  readonly unit: string
  readonly rows: readonly {
    readonly name: string
    readonly dots: number
    readonly strong: boolean
  }[]
}

const WIDTH = 760
const LEFT = 190
const RIGHT = 70
const TOP = 64
const PITCH = 5
const PER_LINE = Math.floor((WIDTH - LEFT - RIGHT) / PITCH)
const GAP = 14
const ROW_MIN = 16

/** As an SVG, for light and for dark pages. */
export function dotChart({ title, unit, rows }: DotChart): string {
  const parts: string[] = []
  let top = TOP
  for (const { name, dots, strong } of rows) {
    const lines = Math.ceil(dots / PER_LINE)
    const height = Math.max(ROW_MIN, lines * PITCH)
    const middle = top + height / 2 + 5
    parts.push(
      `<text x="${LEFT - 14}" y="${middle}" text-anchor="end"${strong ? ' class="strong"' : ''}>${escaped(name)}</text>`,
      `<path d="${path(dots, top + (height - lines * PITCH) / 2)}" class="${strong ? 'ours' : 'dots'}"/>`,
      `<text x="${WIDTH - 10}" y="${middle}" text-anchor="end"${strong ? ' class="strong"' : ''}>${dots.toLocaleString('en-US')}</text>`,
    )
    top += height + GAP
  }
  const label = escaped(
    `${title}; ${unit}: ${rows.map((row) => `${row.name} ${row.dots}`).join(', ')}`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img" aria-label="${label}">
<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-size: 16px; font-weight: 600 }
.strong { font-weight: 600 }
.dots { fill: #cf222e }
.ours { fill: #1a7f37 }
.page { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .dots { fill: #ff7b72 }
  .ours { fill: #3fb950 }
  .page { fill: #0d1117 }
}
</style>
<rect class="page" width="100%" height="100%" rx="6"/>
<text x="14" y="26" class="title">${escaped(title)}</text>
<text x="14" y="46">${escaped(unit)}</text>
${parts.join('\n')}
</svg>
`
}

/** All dots of a row, line after line. */
function path(dots: number, top: number): string {
  return Array.from({ length: dots }, (_, at) => {
    const x = LEFT + (at % PER_LINE) * PITCH
    return `M${x} ${top + Math.floor(at / PER_LINE) * PITCH}h4v4h-4z`
  }).join('')
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
