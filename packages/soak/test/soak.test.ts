import { expect, test } from '@jest/globals'
import { parseOptions } from '../src/options.ts'
import { runSoak } from '../src/run.ts'

test('leaks that were put in are found, each in every process', async () => {
  const { samples, trends } = await runSoak(
    parseOptions(['--minutes', '0.01', '--backend', 'memory', '--leak']),
  )
  expect(samples.map((taken) => taken.length >= 16)).toEqual([true, true, true])
  const grown = trends.flatMap(({ process, measure, grows }) =>
    grows && ['heap', 'resources', 'listeners'].includes(measure) ? [`${process} ${measure}`] : [],
  )
  expect(grown).toEqual(
    ['p1', 'p2', 'p3'].flatMap((each) => [
      `${each} heap`,
      `${each} resources`,
      `${each} listeners`,
    ]),
  )
})

test('options that cannot be meant are refused', () => {
  const json = false
  const leak = false
  expect(parseOptions(['--minutes', '0.5'])).toEqual({ minutes: 0.5, backend: 'redis', json, leak })
  for (const args of [[], ['--minutes', '0'], ['--minutes', '1', '--backend', 'etcd']]) {
    expect(() => parseOptions(args)).toThrow('--')
  }
})
