import type { AcquireRequest, ExtendRequest } from '../../../src/index.ts'
import { nowMs, type StepLeaseStore } from '../step-store.ts'

export async function granted(store: StepLeaseStore, request: AcquireRequest, addMs: number) {
  const reply = await store.acquire(request)
  if (reply.state !== 'granted') return reply
  return { ...reply, remainingMs: reply.remainingMs + addMs }
}

export function moveEnd(store: StepLeaseStore, { key, ttlMs }: ExtendRequest): void {
  for (const holder of store.stateOf(key).holders.values()) {
    if (holder.untilMs > nowMs()) holder.untilMs = nowMs() + ttlMs
  }
}

export function prolong(store: StepLeaseStore, { key, ttlMs }: ExtendRequest): void {
  for (const holder of store.stateOf(key).holders.values()) {
    if (holder.untilMs > nowMs()) holder.untilMs = Math.max(holder.untilMs, nowMs() + ttlMs)
  }
}
