import { randomBytes } from 'node:crypto'

/** The only source of chance in the library; the simulator brings its own. */
export interface Random {
  /** An unguessable owner token: 21 characters of `[A-Za-z0-9_-]`, 126 bits. */
  token(): string
  /** Uniform in [0, 1); for jitter only. */
  fraction(): number
}

const TOKEN_LENGTH = 21
const TOKEN_BYTES = (TOKEN_LENGTH * 6) / 8
/** So many at once: to ask the operating system for each would cost more than all the rest of it. */
const TOKENS = 32

/** Tokens from the operating system: the default everywhere. */
export const systemRandom: Random = { token: tokens(), fraction: () => Math.random() }

/** Each is a part of one text, and used once. */
function tokens(): () => string {
  let text = ''
  let used = 0
  return () => {
    if (used === text.length) {
      text = randomBytes(TOKENS * TOKEN_BYTES).toString('base64url')
      used = 0
    }
    used += TOKEN_LENGTH
    return text.slice(used - TOKEN_LENGTH, used)
  }
}
