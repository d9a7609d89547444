import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Runner } from '../../../src/conformance/index.ts'
import { Collector } from '../collect.ts'
import type { Broken, BrokenStores } from './broken.ts'

/** Suites that run at the same time: most of a suite is waiting. */
const AT_ONCE = 16

/** Registers what makes a suite worth its name: it passes what is right and fails what is broken. */
export function proves<Store extends object>(
  suite: (runner: Runner, options: { readonly create: () => Store }) => void,
  create: () => Store,
  brokenStores: BrokenStores<Store>,
): void {
  const run = (broken?: Broken<Store>): Promise<Collector> => {
    const collector = new Collector()
    const createBroken = () => {
      const store = create()
      return { ...store, ...broken?.instead(store) }
    }
    suite(collector, { create: createBroken })
    return collector.run()
  }

  describe(suite.name, () => {
    const stores = Object.entries(brokenStores)
    const results = new Map<string, Collector>()
    let good: Collector

    beforeAll(async () => {
      good = await run()
      const queue = stores.values()
      const work = async () => {
        for (const [name, broken] of queue) results.set(name, await run(broken))
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
    }, 900_000)

    test('passes the specification', () => {
      expect([...good.outcomes].filter(([, { state }]) => state === 'failed')).toEqual([])
    })

    test.each(stores)('fails a store that %s', (name, { fails }) => {
      expect(results.get(name)?.in('failed')).toContain(fails)
    })

    test('has no rule that catches nothing', () => {
      const caught = new Set([...results.values()].flatMap((result) => result.in('failed')))
      expect(good.in('passed').filter((rule) => !caught.has(rule))).toEqual([])
    })
  })
}
