import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { luaProblems } from '../check-lua.mjs'
import { generate } from '../embed-lua.mjs'
import { readScripts } from '../lib/lua-scripts.mjs'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'locks-lua-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (file: string, ...lines: string[]) =>
  writeFileSync(join(folder, file), lines.join('\n'))
const facts = ['-- Says a thing', '-- twice.', '-- KEYS[1] lease', '-- ARGV none', '-- Returns it.']

describe('a Lua script', () => {
  test('becomes a constant without its header', () => {
    write('lease-say.lua', ...facts, "return redis.call('GET', KEYS[1]) .. '`${\\\\n'", '')
    const text = generate(readScripts(folder))
    expect(text).toContain(
      '/** Says a thing twice. Returns it. */\nexport const leaseSay: Script = {',
    )
    expect(text).toContain("name: 'lease-say',\n  keys: 1,\n  sha1: '")
    expect(text).toContain("source: `return redis.call('GET', KEYS[1]) .. '\\`\\${\\\\\\\\n'\n`,")
  })

  test('takes in its fragments, without their headers', () => {
    write('_one.lua', '-- A fragment.', '--#include _two', 'local one = two')
    write('_two.lua', 'local two = 2')
    write('say.lua', ...facts, '--#include _one', 'return one + KEYS[1]')
    expect(readScripts(folder)[0]?.body).toBe(
      'local two = 2\nlocal one = two\nreturn one + KEYS[1]\n',
    )
  })

  test.each([
    [
      'a missing fact',
      ['-- Says.', '-- KEYS none', '-- Returns it.', 'return 1'],
      /lacks its "argv"/,
    ],
    ['facts out of order', ['-- KEYS none', '-- Says.', '-- ARGV none', 'return 1'], /lacks/],
    ['a key that is not used', [...facts, 'return 1'], /names 1 KEYS, the code uses KEYS\[0\]/],
    ['an argument not named', [...facts, 'return KEYS[1] + ARGV[2]'], /names 0 ARGV.*ARGV\[2\]/],
    ['a use in a comment only', [...facts, 'return 1 -- KEYS[1]'], /names 1 KEYS/],
    ['an unknown fragment', [...facts, '--#include _none'], /ENOENT/],
  ])('is refused for %s', (_why, lines, message) => {
    write('say.lua', ...lines)
    expect(() => readScripts(folder)).toThrow(message)
  })

  test('may walk its arguments with a variable', () => {
    write(
      'say.lua',
      '-- Says.',
      '-- KEYS[1] a',
      '-- ARGV[1] first of many',
      '-- Returns it.',
      '',
      'for i = 1, #ARGV do KEYS[1] = ARGV[i] end',
    )
    expect(readScripts(folder)[0]?.keys).toBe(1)
  })
})

describe('luaProblems', () => {
  test('finds nothing in what Redis runs', () => {
    expect(luaProblems("local a = tonumber(ARGV[1])\nreturn redis.call('GET', KEYS[a])")).toEqual(
      [],
    )
  })

  test.each([
    ['a global', 'local count = 1\nreturn coumt', 'line 2: global coumt'],
    ['a missing `end`', 'if KEYS[1] then', expect.stringContaining("'end' expected")],
    ['syntax after Lua 5.1', 'return 7 // 2', expect.any(String)],
  ])('finds %s', (_what, text, problem) => {
    expect(luaProblems(text)).toEqual([problem])
  })
})
