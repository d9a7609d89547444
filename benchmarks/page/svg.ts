/** What all charts have: as wide as a page's text, readable on light and on dark ones. */
export const WIDTH = 760

const style = `text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-size: 16px; font-weight: 600 }
.strong { font-weight: 600 }
.small { font-size: 11px }
.page { fill: #ffffff }
.ours { fill: #1a7f37 }
.floor { fill: #0969da }
.peer { fill: #8c959f }
.many { fill: #cf222e }
.grid { stroke: #d0d7de; stroke-width: 1 }
.line { fill: none; stroke-width: 2 }
.s0 { stroke: #1a7f37 } .s1 { stroke: #0969da; stroke-dasharray: 7 3 } .s2 { stroke: #8250df; stroke-dasharray: 2 3 }
.s3 { stroke: #bc4c00; stroke-dasharray: 9 3 2 3 } .s4 { stroke: #57606a; stroke-dasharray: 4 4 } .s5 { stroke: #bf3989; stroke-dasharray: 1 4 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .page { fill: #0d1117 }
  .ours { fill: #3fb950 }
  .floor { fill: #58a6ff }
  .peer { fill: #6e7681 }
  .many { fill: #ff7b72 }
  .grid { stroke: #30363d }
  .s0 { stroke: #3fb950 } .s1 { stroke: #58a6ff } .s2 { stroke: #bc8cff } .s3 { stroke: #ffa657 } .s4 { stroke: #8b949e } .s5 { stroke: #f778ba }
}`

/** A chart, whole. `description` is all that it shows, for those who cannot see it. */
export interface Picture {
  readonly title: string
  readonly subtitle: string
  readonly description: string
  readonly height: number
  readonly parts: readonly string[]
}

export function svgOf({ title, subtitle, description, height, parts }: Picture): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">
<title id="title">${escaped(title)}</title>
<desc id="desc">${escaped(description)}</desc>
<style>
${style}
</style>
<rect class="page" width="100%" height="100%" rx="6"/>
${textAt(14, 26, title, 'title')}
${textAt(14, 46, subtitle)}
${parts.join('\n')}
</svg>
`
}

export function textAt(
  x: number,
  y: number,
  text: string,
  classes = '',
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  const how = `${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}${classes && ` class="${classes}"`}`
  return `<text x="${round(x)}" y="${round(y)}"${how}>${escaped(text)}</text>`
}

/** In coordinates that do not depend on the last digit of a quotient. */
export const round = (value: number): number => Math.round(value * 10) / 10

/** As many digits as one can compare at a glance. */
export function short(value: number): string {
  if (value >= 1e6) return `${three(value / 1e6)} M`
  if (value >= 1e4) return `${three(value / 1e3)} k`
  return three(value)
}

const three = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : `${Number(value.toPrecision(3))}`

const escaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
