import { readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { keptCharts, keptResults, pageFile } from '../page/page-files.ts'
import { renderPage } from '../page/render-page.ts'

describe('the page of benchmarks', () => {
  test('is what the renderer makes of the results beside it', async () => {
    const page = await readFile(pageFile, 'utf8')
    const rendered = renderPage(page, await keptResults())
    expect(rendered.page).toBe(page)
  })

  test('has the charts that the renderer draws, and no others', async () => {
    const { charts } = renderPage('', await keptResults())
    expect(Object.fromEntries(await keptCharts(charts.keys()))).toEqual(Object.fromEntries(charts))
  })

  test('shows every chart', async () => {
    const page = await readFile(pageFile, 'utf8')
    const { charts } = renderPage('', await keptResults())
    const unseen = [...charts.keys()].filter((name) => !page.includes(`/${name}.svg)`))
    expect(unseen).toEqual([])
  })

  test('a result that changes changes the page', async () => {
    const page = await readFile(pageFile, 'utf8')
    const results = await keptResults()
    const environment = { ...results.environment, date: '1999-12-31' }
    expect(renderPage(page, { ...results, environment }).page).not.toBe(page)
  })

  test('a section that is not known is refused', async () => {
    const page = '<!-- generated: nonsense -->\n<!-- end -->'
    const results = await keptResults()
    expect(() => renderPage(page, results)).toThrow('no such section: nonsense')
  })
})
