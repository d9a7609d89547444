import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { leaseStoreConformance } from '../../src/conformance/index.ts'
import { Collector } from './collect.ts'
import { fileLeaseStore } from './file-lease-store.ts'

/** Starting programs takes its time on a busy machine. */
const TEST_MAX_MS = 180_000
const RULE = 'a killed holder keeps its lease until the TTL, then a rival gets it'
const program = fileURLToPath(new URL('./broken-stores/holder.ts', import.meta.url))

describe('the crash of a holder', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'locks-conformance-'))
  })
  afterEach(() => rm(dir, { recursive: true }))

  const holderOf = (path: string, mistake: string) => ({
    command: process.execPath,
    args: ['--import', 'tsx', '--conditions=@locks/source', program, path, mistake],
  })

  async function outcomeWith(mistake: string) {
    const path = join(dir, 'leases.json')
    const collector = new Collector()
    leaseStoreConformance(collector, {
      create: () => fileLeaseStore(path),
      holder: holderOf(path, mistake),
    })
    await collector.run(RULE)
    return collector.outcomes.get(RULE)
  }

  test(
    'is survived by a lease of the store',
    async () => {
      expect(await outcomeWith('right')).toEqual({ state: 'passed' })
    },
    TEST_MAX_MS,
  )

  test.each([
    'lets a lease end with the process',
    'never ends a lease',
    'keeps its leases to itself',
  ])(
    'fails a store that %s',
    async (mistake) => {
      expect((await outcomeWith(mistake))?.state).toBe('failed')
    },
    TEST_MAX_MS,
  )

  test('is not waited for when the holder holds nothing; its own words are passed on', async () => {
    const outcome = await outcomeWith('grants nothing')
    expect(String(outcome?.error)).toMatch(/ended \(1\) without "held".*not granted: held/s)
  })

  test('is named when the program cannot be started', async () => {
    const collector = new Collector()
    leaseStoreConformance(collector, {
      create: () => fileLeaseStore(join(dir, 'leases.json')),
      holder: { command: join(dir, 'nowhere'), args: [] },
    })
    await collector.run(RULE)
    expect(String(collector.outcomes.get(RULE)?.error)).toMatch('ENOENT')
  })

  test('leaves no holder behind when the suite itself is killed', async () => {
    const { command, args } = holderOf(join(dir, 'leases.json'), 'right')
    const holder = spawn(command, [...args, 'key', 'token', '60000'], { stdio: 'pipe' })
    await once(holder.stdout, 'data')
    holder.stdin.end()
    expect(await once(holder, 'exit')).toEqual([1, null])
  })
})
