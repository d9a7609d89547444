import { createHash } from 'node:crypto'

/** What a digest takes, with its mark. */
const DIGEST = '~~'.length + 43

/**
 * A key as memcached takes it: printable ASCII without `$`, which the client would read as a pattern.
 * Injective: other bytes become `~XX`, and one that is too long keeps its head, followed by `~~` and the
 * SHA-256 of the whole. Core's keys are left as they are.
 */
export function wireKey(key: string, bytesMax: number): string {
  const safe = /^[\w.%:=#{}-]+$/.test(key) ? key : escapeBytes(key)
  if (safe.length <= bytesMax && safe !== '') return safe
  const digest = createHash('sha256').update(key).digest('base64url')
  return `${safe.slice(0, bytesMax - DIGEST)}~~${digest}`
}

function escapeBytes(key: string): string {
  return Array.from(Buffer.from(key), (byte) => {
    const character = String.fromCharCode(byte)
    if (/[\w.%:=#{}-]/.test(character)) return character
    return `~${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}
