import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import * as core from '@locks/core'

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

/** The codes of all errors that core exports. */
const codes = Object.values(core)
  .filter((value) => isErrorClass(value))
  .map((LocksError) => new LocksError('').code)

type ErrorClass = new (message: string) => core.LocksError

function isErrorClass(value: unknown): value is ErrorClass {
  return typeof value === 'function' && value.prototype instanceof core.LocksError
}

test('the page on errors has a row for each code, and no other', () => {
  const rows = [...text('../errors.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code)
  expect(rows.sort()).toEqual([...codes].sort())
})

test('the page on errors names every reason of a loss', () => {
  const reasons: Record<core.LossReason, true> = {
    expired: true,
    deleted: true,
    stolen: true,
    unreachable: true,
    'max-hold': true,
    closed: true,
    released: true,
  }
  const [, named = ''] = text('../errors.md').split('`reason` of `LOCK_LOST`')
  for (const reason of Object.keys(reasons)) expect(named).toContain(`\`${reason}\``)
})
