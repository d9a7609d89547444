import { expect, test } from '@jest/globals'
import { spawnProgram } from '@locks/test-servers'
import { FaultWorld, keyOf } from './fault-world.ts'

const world = new FaultWorld()

const leave = async (way: string) => {
  const file = new URL('../programs/leaver.ts', import.meta.url)
  await using program = spawnProgram(file, [world.redis.url, way])
  const exit = await program.exit
  return { ...exit, lines: [...program.lines], stderr: program.stderr }
}

test.each(['released', 'holding', 'contended', 'contended, not closed'])(
  'a process ends by itself: %s',
  async (way) => {
    expect(await leave(way)).toEqual({ code: 0, signal: null, lines: ['done'], stderr: '' })
    expect(await world.tokens('job')).toEqual([])
    expect(await world.direct.call('EXISTS', `${keyOf('job')}:q`)).toBe(0)
  },
)

test('a process that neither releases nor closes ends by itself, and its lease stays', async () => {
  const exit = await leave('holding, not closed')
  expect(exit).toEqual({ code: 0, signal: null, lines: ['done'], stderr: '' })
  expect(await world.tokens('job')).toHaveLength(1)
})
