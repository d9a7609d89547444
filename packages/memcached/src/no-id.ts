import { UnsupportedError } from '@locks/core'

/** What a server that keeps no ids (`-C`) says of each. To its meta commands it matches everything. */
export const NO_ID = '0'

export const idless = () => new UnsupportedError('the server was told to keep no ids (-C)')
