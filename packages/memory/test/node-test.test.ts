import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'

const program = fileURLToPath(new URL('./programs/conformance.ts', import.meta.url))
const flags = ['--import', 'tsx', '--conditions=@locks/source', '--test', '--test-reporter=tap']

test('the suites run under node:test, too', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program])
  const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(stdout)?.[1])
  expect(count('pass')).toBeGreaterThan(130)
  expect(count('fail')).toBe(0)
  expect(stdout).toMatch(/ok \d+ - .*no holder program was given.* # SKIP/)
})
