import { fileURLToPath } from 'node:url'

/** The top folder of this repository, wherever the process was started from. */
export const repoRoot: string = fileURLToPath(new URL('../../..', import.meta.url))
