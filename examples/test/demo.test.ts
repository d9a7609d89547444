import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type RedisServer, startProxy, startRedis } from '@locks/test-servers'
import { runExample } from './run-example.ts'

const SCENARIOS = ['no cache', 'plain TTL cache', 'lock around the cache', 'HerdCache']
const OUTCOMES = [
  '200 got the old value at once',
  '200 got the old value, none an error',
  '0 got the old value afterwards',
  '0 of 1,000 values are left',
  '200 read all 500 rows',
]

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

async function demo(...args: string[]) {
  const { code, stdout, stderr } = await runExample('demo.ts', ['--json', ...args])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return { stdout, report: JSON.parse(stdout.trimEnd().split('\n').at(-1) as string) }
}

describe.each([
  ['memory', 1, () => []],
  ['redis', 4, () => ['--url', redis.url]],
] as const)('the demo on %s', (store, processes, args) => {
  test('loads once under protection, and passes the lock without overlap', async () => {
    const { report, stdout } = await demo(...args())
    expect(Object.keys(report)).toEqual(['store', 'scenarios', 'lock'])
    expect(report.store).toBe(store)
    expect(report.scenarios.map((scenario: { name: string }) => scenario.name)).toEqual(SCENARIOS)
    for (const scenario of report.scenarios) {
      expect(scenario).toMatchObject({ callers: 1000, processes })
      expect(scenario.p99Ms).toBeGreaterThanOrEqual(scenario.p50Ms)
    }
    const loads = report.scenarios.map((scenario: { loads: number }) => scenario.loads)
    expect(loads[0]).toBe(1000)
    expect(loads[1]).toBeGreaterThan(1)
    expect(loads.slice(2)).toEqual([1, 1])
    expect(report.lock).toEqual({ grants: 20, overlaps: 0, fenceMonotonic: true })
    for (const outcome of OUTCOMES) expect(stdout).toContain(outcome)
  })
})

describe('a URL that cannot be used ends the demo with one line and code 2:', () => {
  const fails = async (url: string) => {
    const { code, stderr } = await runExample('demo.ts', ['--url', url])
    expect(code).toBe(2)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    return stderr
  }

  test('not a URL', async () => {
    expect(await fails('not a url')).toMatch(/must look like redis:/)
  })

  test('nobody listens, and the password stays unsaid', async () => {
    const dead = await startRedis()
    await dead.stop()
    const said = await fails(`redis://:secret@127.0.0.1:${dead.port}`)
    expect(said).toMatch(/no Redis answers/)
    expect(said).not.toContain('secret')
  })

  test('somebody listens and never answers', async () => {
    await using proxy = await startProxy({ port: redis.port })
    proxy.blackHole()
    expect(await fails(proxy.url('redis'))).toMatch(/no Redis answers/)
  })

  test('an unknown option', async () => {
    const { code, stderr } = await runExample('demo.ts', ['--nonsense'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/--nonsense/)
  })
})
