import { expect, test } from '@jest/globals'
import { runSim } from './run-sim.ts'

test('20,000 schedules without a violation, and with enough going on in them', async () => {
  const { code, stdout, stderr } = await runSim('--schedules', '20000', '--json')
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toMatchObject({ schedules: 20_000, violations: [], unmet: [] })
  expect(code).toBe(0)
}, 900_000)

test('the same seeds give the same traces, to the last event, however many threads run them', async () => {
  const args = ['--schedules', '1200', '--seed', '77', '--json', '--workers']
  const [first, second] = await Promise.all([runSim(...args, '1'), runSim(...args, '3')])
  const { hash, events, counts } = JSON.parse(first.stdout)
  expect(hash).toMatch(/^[0-9a-f]{16}$/)
  expect(JSON.parse(second.stdout)).toMatchObject({ hash, events, counts })
})

test('another seed gives another trace', async () => {
  const [first, second] = await Promise.all(
    ['3', '5'].map((seed) => runSim('--schedules', '1', '--seed', seed, '--json')),
  )
  expect(JSON.parse(first?.stdout ?? '').hash).not.toBe(JSON.parse(second?.stdout ?? '').hash)
})

test('a run of one seed shows what happens, with the hash of its trace', async () => {
  const args = ['--schedules', '1', '--seed', '4']
  const [traced, counted] = await Promise.all([runSim(...args, '--trace'), runSim(...args)])
  expect(traced.stdout).toMatch(/\d+\.\d{3} c\d send acquire locks:l1:\{[abc]\} c\d-2\n/)
  expect(traced.stdout).toMatch(/seed 4, trace [0-9a-f]{16}\n$/)
  expect(counted.stdout).toMatch(/^1 schedules, \d+ events, .* 0 violations\n$/)
})

test('a failure is told with its seed, the command that shows it again, and the shortest way to it', async () => {
  const bug = ['--mutants', 'orphanOfHolder', '--trace']
  // From here on, the first that shows the bug is a large one.
  const { stdout } = await runSim(...bug, '--seed', '1000')
  const [, seed = ''] = /seed: (\d+)\n/.exec(stdout) ?? []
  expect(stdout).toContain(
    `replay: pnpm sim ${bug[0]} ${bug[1]} --seed ${seed} --schedules 1 --trace`,
  )
  const [, before, after] = /shrunk from (\d+) events to (\d+)/.exec(stdout) ?? []
  expect(Number(after)).toBeLessThan(Number(before) / 2)
  expect(stdout).toMatch(/\n +\d+\.\d{3} c\d send acquire locks:l1:\{a\} c\d-\d+\n/)
  expect(stdout.trim().split('\n').length).toBeLessThan(80)
  const replayed = await runSim(...bug, '--seed', seed, '--schedules', '1')
  expect(replayed.stdout).toContain(
    stdout.slice(stdout.indexOf('seed:'), stdout.lastIndexOf('1 of 1')),
  )
})

test.each([['--schedules', '0'], ['--seed', 'x'], ['--nonsense'], ['noLease']])(
  'refuses %s %s',
  async (...args) => {
    const { code, stderr } = await runSim(...args)
    expect(code).toBe(1)
    expect(stderr).toContain('pnpm sim [--schedules N]')
  },
)
