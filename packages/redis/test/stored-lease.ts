import type { RespConnection } from '@locks/test-servers'

/** What a server keeps for a lock, read without a script. */
export interface StoredLease {
  readonly lastFence: number
  /** Of those whose lease has not ended. */
  readonly holders: readonly { readonly token: string; readonly remainingMs: number }[]
}

export async function storedLease(direct: RespConnection, key: string): Promise<StoredLease> {
  const [text, time] = await Promise.all([direct.call('GET', key), direct.call('TIME')])
  const [seconds, micros] = time as string[]
  const nowMs = Number(seconds) * 1000 + Number(micros) / 1000
  const [lastFence, ...lines] = String(text ?? '').split('\n')
  const holders = lines.slice(0, -1).map((line) => {
    const [token = '', , , grantedAtMs, ttlMs] = line.split(' ')
    return { token, remainingMs: Number(grantedAtMs) + Number(ttlMs) - nowMs }
  })
  return {
    lastFence: Number(lastFence),
    holders: holders.filter(({ remainingMs }) => remainingMs > 0),
  }
}
