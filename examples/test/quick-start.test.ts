import { readFile } from 'node:fs/promises'
import { describe, expect, test } from '@jest/globals'
import { runExample } from './run-example.ts'

describe('quick start', () => {
  test('runs and ends by itself', async () => {
    const { code, stdout, stderr } = await runExample('quick-start.ts')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain("{ id: 7, name: 'umbrella' }")
  })

  test('is what the README shows', async () => {
    const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
    const [shown] = (await read('examples/quick-start.ts')).split('\nconsole.log')
    expect(await read('README.md')).toContain((shown as string).trim())
  })
})
