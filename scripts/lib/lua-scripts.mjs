/**
 * Reads a folder of Lua scripts.
 *
 * A script opens with a comment of exactly four facts, each of which may run over several lines:
 *
 *     -- Moves the expiry of a lease that is still mine.       what it is for
 *     -- KEYS[1] lease  KEYS[2] fence                          (or: KEYS none)
 *     -- ARGV[1] owner token  ARGV[2] ttl in ms                (or: ARGV none)
 *     -- Returns the remaining ms, or nil.
 *
 * Facts go stale when nothing reads them, so the numbers in them are compared with the code.
 *
 * A file whose name begins with `_` is a fragment; the line `--#include _name` is replaced by it. Another
 * script can be included too, without its header.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './run.mjs'

/** All scripts of a folder, by name; `body` is the text that a server gets. */
export function readScripts(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.lua') && !file.startsWith('_'))
    .sort()
    .map((file) => readScript(folder, file))
}

function readScript(folder, file) {
  const path = join(folder, file)
  try {
    const { header, rest } = splitHeader(readFileSync(path, 'utf8'))
    const facts = parseFacts(header)
    const body = inline(folder, rest)
    const keys = checkedCount('KEYS', facts.keys, body)
    checkedCount('ARGV', facts.argv, body)
    return {
      name: file.slice(0, -'.lua'.length),
      path,
      purpose: facts.purpose,
      returns: facts.returns,
      keys,
      body,
    }
  } catch (error) {
    throw new Error(`${relative(root, path)}: ${error.message}`)
  }
}

/** The leading comment lines, without their dashes, and what follows them. */
function splitHeader(text) {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const isHeader = (line) => /^--(?!#|\[\[)/.test(line)
  const end = lines.findIndex((line) => !isHeader(line))
  return {
    header: lines.slice(0, end).map((line) => line.slice(2).trim()),
    rest: `${lines.slice(end).join('\n').trim()}\n`,
  }
}

function parseFacts(header) {
  const facts = { purpose: [], keys: [], argv: [], returns: [] }
  const order = Object.keys(facts)
  const begins = { keys: /^KEYS\b/, argv: /^ARGV\b/, returns: /^Returns\b/ }
  let current = 0
  for (const line of header) {
    const next = order[current + 1]
    if (next && begins[next].test(line)) current += 1
    facts[order[current]].push(line)
  }
  for (const fact of order) {
    if (facts[fact].length === 0) {
      throw new Error(`the header lacks its "${fact}" line; wanted: purpose, KEYS, ARGV, Returns`)
    }
  }
  return Object.fromEntries(order.map((fact) => [fact, facts[fact].join(' ')]))
}

function inline(folder, text, within = []) {
  return text.replaceAll(/^--#include (\S+)$/gm, (_line, name) => {
    if (within.includes(name)) throw new Error(`fragment ${name} includes itself`)
    const fragment = splitHeader(readFileSync(join(folder, `${name}.lua`), 'utf8')).rest
    return inline(folder, fragment, [...within, name]).trimEnd()
  })
}

/**
 * How many KEYS (or ARGV) the header names. They must be 1…n without a gap, and n must be the
 * highest that the code uses; code that also walks the list with a variable may use fewer by number.
 */
function checkedCount(list, fact, body) {
  const documented = indexes(list, fact)
  const code = body.replaceAll(/--\[\[[\s\S]*?\]\]|--.*$/gm, '')
  const used = Math.max(0, ...indexes(list, code))
  const walksList = new RegExp(`\\b${list}\\b(?!\\s*\\[\\s*\\d+\\s*\\])`).test(code)

  const count = documented.length
  const gap = documented.findIndex((n, i) => n !== i + 1)
  if (gap !== -1) throw new Error(`the header's ${list} are not numbered 1 to ${count}`)
  if (used > count || (used < count && !walksList)) {
    throw new Error(`the header names ${count} ${list}, the code uses ${list}[${used}] as highest`)
  }
  return count
}

function indexes(list, text) {
  const found = [...text.matchAll(new RegExp(`\\b${list}\\[\\s*(\\d+)\\s*\\]`, 'g'))]
  return [...new Set(found.map((match) => Number(match[1])))].sort((a, b) => a - b)
}

/** Every folder of Lua scripts that packages have: `[package folder, Lua folder]`. */
export function luaFolders() {
  const packages = join(root, 'packages')
  return readdirSync(packages)
    .flatMap((name) => ['src/lua', 'lua'].map((sub) => [join(packages, name), sub]))
    .map(([packageFolder, sub]) => [packageFolder, join(packageFolder, sub)])
    .filter(([, folder]) => hasLua(folder))
}

function hasLua(folder) {
  try {
    return readdirSync(folder).some((file) => file.endsWith('.lua'))
  } catch {
    return false
  }
}
