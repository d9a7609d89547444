/** Proves that a lease can be taken from its holders in one step, and that the fence tells who is late. */
import assert from 'node:assert/strict'
import { freshToken, freshTokens } from '../names.ts'
import { assertRemaining, inState, storeTimeOf } from '../replies.ts'
import { excludesNobody, type LeaseBench, type LeaseRules } from './bench.ts'
import { assertGrows } from './fencing.ts'

const THIEVES = 30

export const stealing: LeaseRules = {
  title: 'steal',
  unless: hasNoSteal,
  rules: {
    async 'a free name can be stolen'(bench) {
      const { remainingMs } = await thieve(bench, bench.rival)
      assertRemaining(remainingMs, bench.longMs + bench.slackMs)
      await bench.assertHolder(bench.rival)
    },

    async 'a thief has the lease, and its old holder nothing'(bench) {
      const { take, extend, release, holder, rival, assertHolder } = bench
      await take(holder)
      await thieve(bench, rival)
      inState(await extend(holder), 'taken')
      inState(await release(holder), 'taken')
      await assertHolder(rival)
    },

    async 'the fence grows with each theft'(bench) {
      const fences = [fenceOf(await bench.take(bench.holder))]
      for (const thief of freshTokens(5)) fences.push((await thieve(bench, thief)).fence)
      assertGrows(fences)
      const last = await bench.store.inspect(bench.key)
      assert.equal(last.holders[0]?.fence, fences.at(-1))
    },

    async 'whoever holds the lease after a theft has a greater fence'(bench) {
      const { take, release, holder, rival } = bench
      const { fence } = await thieve(bench, rival)
      await release(rival)
      assertGrows([fence, fenceOf(await take(holder))])
    },

    async 'a repeated steal re-sets the TTL and keeps the fence'(bench) {
      const { store, key, take, holder, rival, longMs } = bench
      await take(holder)
      const { fence } = await thieve(bench, rival)
      const again = await thieve(bench, rival, { ttlMs: 3 * longMs })
      assert.equal(again.fence, fence)
      const [found] = (await store.inspect(key)).holders
      assertRemaining(2 * longMs, found?.remainingMs ?? 0)
    },

    async 'a stolen lease ends by itself'(bench) {
      await bench.take(bench.holder)
      const { remainingMs } = await thieve(bench, bench.rival, { ttlMs: 1 })
      await bench.outlive(remainingMs)
      await bench.assertFree()
    },

    async 'a late steal changes nothing'(bench) {
      const { holder, rival, take, assertHolder } = bench
      const notAfterMs = storeTimeOf(await take(holder)) - 1
      inState(await steal(bench, rival, { notAfterMs }), 'late')
      await assertHolder(holder)
    },

    async 'a steal in time is carried out'(bench) {
      const { holder, rival, take, longMs, assertHolder } = bench
      const notAfterMs = storeTimeOf(await take(holder)) + longMs
      await thieve(bench, rival, { notAfterMs })
      await assertHolder(rival)
    },

    async 'of many thieves one has the lease, the one with the greatest fence'(bench) {
      const { store, key } = bench
      const thieves = freshTokens(THIEVES)
      const stolen = await Promise.all(thieves.map((thief) => thieve(bench, thief)))
      const fences = stolen.map(({ fence }) => fence)
      assert.equal(new Set(fences).size, THIEVES)
      const last = fences.indexOf(Math.max(...fences))
      const { holders } = await store.inspect(key)
      assert.deepEqual(
        holders.map(({ token, fence }) => [token, fence]),
        [[thieves[last], fences[last]]],
      )
    },
  },
}

/** Why a store cannot be held to rules about theft. */
export function hasNoSteal(bench: LeaseBench): string | undefined {
  return excludesNobody(bench) ?? (bench.store.steal ? undefined : 'the store has no steal()')
}

type Details = Partial<
  Record<'ttlMs' | 'notAfterMs' | 'capacity', number> & { readonly subscriber: string }
>

export async function steal(bench: LeaseBench, token: string, details: Details = {}) {
  const { store, key, longMs } = bench
  const reply = await store.steal?.({ key, token, ttlMs: longMs, ...details })
  return reply ?? assert.fail('the store has no steal()')
}

/** A steal that must be granted, with a fence. */
export async function thieve(bench: LeaseBench, token = freshToken(), details: Details = {}) {
  const reply = inState(await steal(bench, token, details), 'granted')
  return { ...reply, fence: fenceOf(reply) }
}

function fenceOf({ fence }: { readonly fence?: number }): number {
  assert.equal(typeof fence, 'number', 'the grant carries no fence')
  return fence as number
}
