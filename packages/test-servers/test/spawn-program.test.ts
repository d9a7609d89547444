import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { type Program, spawnProgram } from '../src/index.ts'
import { isPortFree } from '../src/processes/is-port-free.ts'
import { eventually } from './eventually.ts'

const echo = (variable = '') =>
  spawnProgram('packages/test-servers/test/programs/echo.ts', ['one', 'two'], {
    env: { ECHO_VARIABLE: variable },
  })

describe('a program', () => {
  test('gets arguments, variables and lines, and answers in lines', async () => {
    await using program = echo('three')
    expect(await program.nextLine()).toBe('one two')
    expect(await program.nextLine()).toBe('three')
    const answers = [program.nextLine(), program.nextLine()]
    program.writeLine('four')
    program.writeLine('five')
    expect(await Promise.all(answers)).toEqual(['four', 'five'])
    expect(program.lines).toEqual(['one two', 'three', 'four', 'five'])
    await program.pause()
    program.writeLine('six')
    program.resume()
    expect(await program.nextLine()).toBe('six')
    await program.kill()
    expect(await program.exit).toEqual({ code: null, signal: 'SIGKILL' })
    await expect(program.nextLine()).rejects.toThrow('SIGKILL')
  })

  test('that fails says so to whoever waits for a line', async () => {
    await using program = echo()
    program.writeLine('fail')
    await program.nextLine()
    await program.nextLine()
    await expect(program.nextLine()).rejects.toThrow(/code 1.*as told/s)
    expect(await program.exit).toEqual({ code: 1, signal: null })
    expect(program.stderr).toContain('as told')
  })

  test.each<[string, (program: Program) => unknown]>([
    ['is killed', (program) => program.kill()],
    ['exits without cleaning up', (program) => program.writeLine('exit')],
  ])('that %s takes its servers and their folders with it', async (_, end) => {
    const dir = await mkdtemp(join(tmpdir(), 'locks-program-'))
    try {
      await using program = spawnProgram(
        new URL('programs/starts-servers.ts', import.meta.url),
        [],
        {
          env: { TMPDIR: dir },
        },
      )
      const ports = (await program.nextLine()).split(',').map(Number)
      expect(ports).toHaveLength(2)
      for (const port of ports) expect(await isPortFree(port)).toBe(false)
      await end(program)
      for (const port of ports) await eventually(() => isPortFree(port))
      const left = async () => (await readdir(dir)).filter((name) => name.includes('test-servers'))
      await eventually(async () => (await left()).length === 0)
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })
})
