import { nanoid } from 'nanoid'

/** The only source of chance in the library; the simulator brings its own. */
export interface Random {
  /** An unguessable owner token: 21 characters of `[A-Za-z0-9_-]`, 126 bits. */
  token(): string
  /** Uniform in [0, 1); for jitter only. */
  fraction(): number
}

/** Tokens by nanoid, which takes them from the operating system: the default everywhere. */
export const systemRandom: Random = {
  token: () => nanoid(),
  fraction: () => Math.random(),
}
