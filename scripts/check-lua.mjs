/**
 * Parses every Lua script as the Lua 5.1 that Redis runs, and refuses globals that Redis does not
 * offer: a misspelt local is a global in Lua, and a script that creates one fails on the server.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import luaparse from 'luaparse'
import { luaFolders, readScripts } from './lib/lua-scripts.mjs'
import { reported, root } from './lib/run.mjs'

const allowed = new Set(
  'redis KEYS ARGV cjson string table math tonumber tostring ipairs pairs unpack type next select error pcall'.split(
    ' ',
  ),
)

/**
 * What is wrong with a text, one message each. Of a fragment only the syntax can be judged: whether
 * a name is a global is known when the whole script is put together.
 */
export function luaProblems(text, { fragment = false } = {}) {
  try {
    const { globals } = luaparse.parse(text, { luaVersion: '5.1', scope: true, locations: true })
    return globals
      .filter(({ name }) => !fragment && !allowed.has(name))
      .map(({ name, loc }) => `line ${loc.start.line}: global ${name}`)
  } catch (error) {
    return [error.message]
  }
}

function main() {
  let scripts = 0
  for (const [, folder] of luaFolders()) {
    for (const file of readdirSync(folder).filter((name) => /^_.*\.lua$/.test(name))) {
      const path = join(folder, file)
      report(path, luaProblems(readFileSync(path, 'utf8'), { fragment: true }))
    }
    for (const { path, body } of readScripts(folder)) {
      report(`${path} (as embedded)`, luaProblems(body))
      scripts += 1
    }
  }
  console.log(`${scripts} Lua scripts parsed`)
}

function report(path, problems) {
  if (problems.length > 0) process.exitCode = 1
  for (const problem of problems) console.error(`${relative(root, path)}: ${problem}`)
}

if (process.argv[1] === import.meta.filename) await reported(main)
