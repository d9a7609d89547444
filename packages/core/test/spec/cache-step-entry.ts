import { type CacheState, cacheStep } from '../../src/spec/index.ts'

export const bytes = (text: string) => new TextEncoder().encode(text)

/** One entry in a store whose clock the test controls. */
export class Entry {
  readonly state: CacheState = {}
  nowMs = 1_700_000_000_000

  read() {
    const entry = cacheStep.read(this.state, this.nowMs)
    return entry && { version: entry.version, text: new TextDecoder().decode(entry.data) }
  }
  lease(token: string, more: Partial<Parameters<typeof cacheStep.lease>[1]> = {}) {
    return cacheStep.lease(this.state, { token, leaseMs: 1000, ...more }, this.nowMs)
  }
  renew(token: string, leaseMs = 1000) {
    return cacheStep.renew(this.state, token, leaseMs, this.nowMs)
  }
  commit(token: string, text = token, ttlMs = 10_000) {
    return cacheStep.commit(this.state, { token, data: bytes(text), ttlMs }, this.nowMs)
  }
  fail(token: string, reason = `${token} failed`, keepMs = 200) {
    cacheStep.fail(this.state, token, reason, keepMs, this.nowMs)
  }
  write(token: string, text = token, ttlMs = 10_000, notAfterMs?: number) {
    const guard = notAfterMs === undefined ? {} : { notAfterMs }
    const request = { token, data: bytes(text), ttlMs, ...guard }
    return cacheStep.write(this.state, request, this.nowMs)
  }
  swap(token: string, expected: string | undefined, notAfterMs?: number) {
    const guard = notAfterMs === undefined ? {} : { notAfterMs }
    const request = { token, data: bytes(token), ttlMs: 10_000, expected, ...guard }
    return cacheStep.compareAndSet(this.state, request, this.nowMs)
  }
  remove() {
    return cacheStep.remove(this.state, this.nowMs)
  }
}
