/** Proves that each grant carries a number greater than all before it, by which a resource may judge. */
import assert from 'node:assert/strict'
import { freshToken } from '../names.ts'
import { excludesNobody, type LeaseBench, type LeaseRules } from './bench.ts'

export const fencing: LeaseRules = {
  title: 'fencing',
  unless: (bench) =>
    excludesNobody(bench) ??
    (bench.store.facts.fencing ? undefined : 'the store mints no fences: facts.fencing is false'),
  rules: {
    async 'a grant carries a fence, a safe integer above zero'(bench) {
      const fence = await takeFence(bench, bench.holder)
      assert.ok(Number.isSafeInteger(fence) && fence > 0, `the fence is ${fence}`)
    },

    async 'the fence grows over releases'(bench) {
      const fences: number[] = []
      for (let round = 0; round < 20; round++) {
        const token = freshToken()
        fences.push(await takeFence(bench, token))
        await bench.release(token)
      }
      assertGrows(fences)
    },

    async 'the fence grows over expiries'(bench) {
      const fences: number[] = []
      for (let round = 0; round < 3; round++) {
        fences.push(fenceOf(await bench.lapse(freshToken())))
      }
      assertGrows(fences)
    },

    async 'a repeated acquire keeps the fence'(bench) {
      const first = await takeFence(bench, bench.holder)
      for (let round = 0; round < 3; round++) {
        assert.equal(await takeFence(bench, bench.holder), first)
      }
    },

    async 'an extend keeps the fence'(bench) {
      const first = await takeFence(bench, bench.holder)
      await bench.keep(bench.holder)
      assert.equal(await takeFence(bench, bench.holder), first)
    },

    async 'a refused acquire leaves the fence as it is'(bench) {
      const first = await takeFence(bench, bench.holder)
      await bench.acquire(bench.rival)
      assert.equal(await takeFence(bench, bench.holder), first)
      await bench.release(bench.holder)
      assertGrows([first, await takeFence(bench, bench.rival)])
    },

    async 'inspect tells the fence'(bench) {
      const fence = await takeFence(bench, bench.holder)
      const { holders } = await bench.store.inspect(bench.key)
      assert.deepEqual(
        holders.map((holder) => holder.fence),
        [fence],
      )
    },
  },
}

function fenceOf({ fence }: { readonly fence?: number }): number {
  assert.equal(typeof fence, 'number', 'the grant carries no fence')
  return fence as number
}

const takeFence = async ({ take }: LeaseBench, token: string) => fenceOf(await take(token))

export function assertGrows(fences: readonly number[]): void {
  const grows = fences.every((fence, i) => i === 0 || fence > (fences[i - 1] ?? fence))
  assert.ok(grows, `the fences do not grow: ${fences.join(', ')}`)
}
