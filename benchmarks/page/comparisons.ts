import type { Comparison } from './comparison.ts'

export const WAIT = 'longest over mean wait'
export const STARVED = 'starved'

const uncontended = (client: RegExp) =>
  [
    { callers: /1 caller/, name: '1 caller' },
    { callers: /64 callers/, name: '64 callers' },
  ].map(({ callers, name }) => ({
    ...{ bench: 'uncontended', column: /^of floor/, name, better: 'more' as const },
    scenario: new RegExp(`${client.source}.*${callers.source}`),
  }))

const pairsSubtitle = 'acquire and release of free names, beside the floor in the same process'

function contention(scenario: RegExp): Comparison['measures'] {
  const place = { bench: 'contended', scenario }
  return [
    { ...place, column: /^sections\/s/, name: 'sections per second', better: 'more' },
    { ...place, column: /^max\/mean/, name: WAIT, better: 'less' },
    { ...place, column: /^starved/, name: STARVED, better: 'less' },
  ]
}

const inProcess = [
  { scenario: /one caller, one key/, name: 'one caller, one key' },
  { scenario: /keys in turn/, name: '1,000 keys in turn' },
  { scenario: /callers, one key/, name: '1,000 callers, one key' },
].map(({ scenario, name }) => ({
  ...{ bench: 'in-process', scenario, column: /^CPU us/, name, better: 'less' as const },
}))

const hits = (scenario: RegExp, column: RegExp, name: string) => ({
  ...{ bench: 'hit', scenario, column, name, better: 'more' as const },
})

/** By name of the file. */
export const comparisons: Readonly<Record<string, Comparison>> = {
  'uncontended-redis': {
    title: 'Uncontended on Redis, client redis: pairs beside the floor',
    subtitle: pairsSubtitle,
    measures: uncontended(/Redis by redis/),
  },
  'uncontended-ioredis': {
    title: 'Uncontended on Redis, client ioredis: pairs beside the floor',
    subtitle: pairsSubtitle,
    measures: uncontended(/Redis by ioredis/),
  },
  'uncontended-memcached': {
    title: 'Uncontended on memcached: pairs beside the floor',
    subtitle: 'the floors are add and delete, and add, gets and cas, of npm memcached',
    measures: [
      ...uncontended(/memcached by metaTransport/).map((each) => ({
        ...each,
        name: `meta, ${each.name}`,
      })),
      ...uncontended(/memcached by npm memcached/).map((each) => ({
        ...each,
        name: `npm, ${each.name}`,
      })),
    ],
  },
  'wake-up': {
    title: 'From release() in one process until a waiter in another has the lock',
    subtitle: 'milliseconds, median; the network has the round trip that is named',
    measures: [2, 20].map((ms) => ({
      ...{ bench: 'wake-up', column: /^p50/, name: `${ms} ms`, better: 'less' as const },
      scenario: new RegExp(` ${ms} ms round trip`),
    })),
  },
  think: {
    title: 'Contended, think: 50 callers rest 10–30 ms, then ask again',
    subtitle: 'sections of 5 ms; nobody can barge, so what differs is the hand-off',
    measures: contention(/think: .*50 callers.*5 ms/),
  },
  'think-processes': {
    title: 'Contended, think: 4 processes of 12 callers rest 10–30 ms, then ask again',
    subtitle: 'sections of 5 ms; nobody can barge, so what differs is the hand-off',
    measures: contention(/think: 4 processes.*5 ms/),
  },
  drain: {
    title: 'Contended, drain: 50 callers want the lock once',
    subtitle: 'empty sections, until everybody had it',
    measures: contention(/drain: .*50 callers.*empty/),
  },
  'drain-processes': {
    title: 'Contended, drain: 4 processes of 12 callers want the lock once',
    subtitle: 'empty sections, until everybody had it',
    measures: contention(/drain: 4 processes.*empty/),
  },
  loop: {
    title: 'Contended, loop: 50 callers of one process ask again at once',
    subtitle: 'empty sections; fast and unfair is easy: read all three columns',
    measures: contention(/loop: 1 process.*empty/),
  },
  'loop-processes': {
    title: 'Contended, loop: 4 processes of 12 callers ask again at once',
    subtitle: 'empty sections; fast and unfair is easy: read all three columns',
    measures: contention(/loop: 4 processes.*empty/),
  },
  'in-process': {
    title: 'Locks of one process: microseconds of CPU per acquire and release',
    subtitle: 'ours have a deadline, a fence and a signal besides',
    measures: inProcess,
  },
  'hit-near': {
    title: 'A value that is in the process: million gets per second',
    subtitle: '200 keys in turn, one caller, each awaited',
    measures: [hits(/in the process/, /^M\/s/, 'M/s')],
  },
  'hit-far': {
    title: 'A value that is in Redis: gets per second',
    subtitle: 'each caller with keys of its own',
    measures: [hits(/Redis: 1 /, /^per s/, '1 caller'), hits(/Redis: 64/, /^per s/, '64 callers')],
  },
  expiry: {
    title: 'A value that ends each second, under 1,000 calls a second',
    subtitle: '6 processes; nothing is served after its ttl',
    measures: [
      { column: /^loads/, name: 'loads' },
      { column: /^p99/, name: 'p99 ms' },
      { column: /^worst/, name: 'worst ms' },
    ].map((each) => ({ ...each, bench: 'expiry', scenario: /^expiry/, better: 'less' as const })),
  },
}
