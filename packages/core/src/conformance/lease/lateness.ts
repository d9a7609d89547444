/**
 * Proves that a command which reaches the store after its `notAfterMs` does nothing: a client may queue
 * while offline and send minutes later. Only a store with a clock of its own can tell.
 */
import assert from 'node:assert/strict'
import { inState, storeTimeOf } from '../replies.ts'
import { excludesNobody, type LeaseBench, type LeaseRules } from './bench.ts'

export const lateness: LeaseRules = {
  title: 'late commands',
  unless: excludesNobody,
  rules: {
    async 'a late acquire takes nothing'(bench) {
      const { store, key, take, release, holder, rival, longMs, assertFree } = bench
      const notAfterMs = storeTimeOf(await take(holder)) - 1
      await release(holder)
      assertLate(await store.acquire({ key, token: rival, ttlMs: longMs, notAfterMs }), notAfterMs)
      await assertFree()
    },

    async 'a late acquire by the holder does not re-set the TTL'(bench) {
      const { store, key, take, outlive, holder, shortMs, longMs, assertFree } = bench
      const { remainingMs, ...granted } = await take(holder, shortMs)
      const notAfterMs = storeTimeOf(granted) - 1
      assertLate(await store.acquire({ key, token: holder, ttlMs: longMs, notAfterMs }), notAfterMs)
      await outlive(remainingMs)
      await assertFree()
    },

    async 'a late extend does not move the end'(bench) {
      const { store, key, take, outlive, holder, shortMs, longMs, assertFree } = bench
      const { remainingMs, ...granted } = await take(holder, shortMs)
      const notAfterMs = storeTimeOf(granted) - 1
      assertLate(await store.extend({ key, token: holder, ttlMs: longMs, notAfterMs }), notAfterMs)
      await outlive(remainingMs)
      await assertFree()
    },

    async 'a late command costs the holder nothing'(bench) {
      const { store, key, holder, longMs, assertHolder } = bench
      const notAfterMs = (await heldSince(bench)) - 1
      assertLate(await store.acquire({ key, token: holder, ttlMs: 1, notAfterMs }), notAfterMs)
      assertLate(await store.extend({ key, token: holder, ttlMs: longMs, notAfterMs }), notAfterMs)
      await assertHolder(holder)
    },

    async 'a command in time is carried out'(bench) {
      const { store, key, holder, longMs } = bench
      const request = { key, token: holder, ttlMs: longMs }
      const notAfterMs = (await heldSince(bench)) + longMs
      inState(await store.extend({ ...request, notAfterMs }), 'extended')
      inState(await store.acquire({ ...request, notAfterMs }), 'granted')
    },
  },
}

/** The store's time at which the holder took the name. */
const heldSince = async ({ take, holder }: LeaseBench): Promise<number> =>
  storeTimeOf(await take(holder))

function assertLate(
  reply: { readonly state: string; readonly storeNowMs?: number },
  notAfterMs: number,
): void {
  assert.equal(reply.state, 'late')
  assert.ok((reply.storeNowMs ?? 0) > notAfterMs, `the store's time is ${reply.storeNowMs}`)
}
