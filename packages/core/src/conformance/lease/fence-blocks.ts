/** Proves that a grant may own several fences in a row, to be handed on by its holder. */
import assert from 'node:assert/strict'
import { freshToken } from '../names.ts'
import { inState } from '../replies.ts'
import { hasNoQueue, type LeaseBench, type LeaseRules } from './bench.ts'

/** More than passes between two grants, for those who mint by their clock: 1000 s in µs. */
const BLOCK = 1_000_000_000

const unless = ({ store }: LeaseBench) =>
  store.facts.fenceBlocks ? undefined : 'a grant owns one fence: no facts.fenceBlocks'

export const fenceBlocks: LeaseRules = {
  title: 'blocks of fences',
  unless,
  rules: {
    async 'a grant exceeds all fences that the one before owned'(bench) {
      const first = await takeBlock(bench, bench.holder)
      await bench.release(bench.holder)
      assertBehind(first, await bench.take(bench.rival))
    },

    async 'a repeated acquire keeps its fences'(bench) {
      const first = await takeBlock(bench, bench.holder)
      assert.equal(await takeBlock(bench, bench.holder), first)
      const { holders } = await bench.store.inspect(bench.key)
      assert.equal(holders[0]?.fence, first)
      await bench.release(bench.holder)
      const next = inState(await bench.acquire(bench.rival), 'granted')
      assertBehind(first, next)
      assert.ok((next.fence ?? 0) < first + 2 * BLOCK, 'the repeat has taken fences again')
    },

    async 'who asks for none owns one'(bench) {
      const first = fenceOf(await bench.take(bench.holder))
      await bench.release(bench.holder)
      const next = fenceOf(await bench.take(bench.rival))
      assert.ok(next > first && next < first + BLOCK, `${next} follows ${first}`)
    },
  },
}

export const queuedFenceBlocks: LeaseRules = {
  title: 'blocks of fences in the queue',
  unless: (bench) => hasNoQueue(bench) ?? unless(bench),
  rules: {
    async 'a pushed grant owns the fences that its waiter asked for'(bench) {
      const { subscribe, take, wait, release, holder, rival } = bench
      const subscriber = await subscribe()
      await take(holder)
      await wait(rival, subscriber, { fences: BLOCK })
      await release(holder)
      const { fence } = await subscriber.nextGrant()
      await release(rival)
      assertBehind(fence, await take(freshToken()))
    },
  },
}

async function takeBlock({ store, key, longMs }: LeaseBench, token: string): Promise<number> {
  return fenceOf(
    inState(await store.acquire({ key, token, ttlMs: longMs, fences: BLOCK }), 'granted'),
  )
}

function fenceOf({ fence }: { readonly fence?: number }): number {
  assert.equal(typeof fence, 'number', 'the grant carries no fence')
  return fence as number
}

function assertBehind(first: number, next: { readonly fence?: number }): void {
  const fence = fenceOf(next)
  assert.ok(fence >= first + BLOCK, `${fence} is among the ${BLOCK} from ${first} on`)
}
