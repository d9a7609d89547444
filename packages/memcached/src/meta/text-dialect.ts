import type { TextWrite } from '../memcached-transport.ts'
import { type Dialect, oneWord, type Stored, UNEXPECTED } from './dialect.ts'

const readAdded = oneWord<Stored | undefined>({ STORED: {}, NOT_STORED: undefined })
const readSwapped = oneWord<Stored | undefined>({
  STORED: {},
  EXISTS: undefined,
  NOT_FOUND: undefined,
})
const readDeletedIf = oneWord({ STORED: true, EXISTS: false, NOT_FOUND: false })
const readSet = oneWord({ STORED: undefined })
const readDeleted = oneWord({ DELETED: true, NOT_FOUND: false })

/** The commands that every memcached knows. None of them tells the id of what it has stored. */
export const textDialect: Dialect = {
  name: 'text',
  get: (key) => ({
    text: `gets ${key}\r\n`,
    read({ line, data }, connection) {
      const [verb, , , , cas] = line.split(' ')
      if (data) return cas ? { value: data.toString(), version: { connection, cas } } : UNEXPECTED
      return verb === 'END' ? undefined : UNEXPECTED
    },
  }),
  add: (write) => ({ text: store('add', write), read: readAdded }),
  compareAndSet: (write, cas) => ({ text: store('cas', write, cas), read: readSwapped }),
  // Stored with an end in the past: gone at once.
  compareAndDelete: (key, cas) => ({
    text: store('cas', { key, value: '', exptime: -1 }, cas),
    read: readDeletedIf,
  }),
  set: (write) => ({ text: store('set', write), read: readSet }),
  delete: (key) => ({ text: `delete ${key}\r\n`, read: readDeleted }),
}

function store(verb: string, { key, value, exptime }: TextWrite, cas?: string): string {
  const id = cas === undefined ? '' : ` ${cas}`
  return `${verb} ${key} 0 ${exptime} ${value.length}${id}\r\n${value}\r\n`
}
