import type { TextWrite } from '../memcached-transport.ts'
import {
  type Command,
  type Dialect,
  type Item,
  oneWord,
  type Stored,
  UNEXPECTED,
} from './dialect.ts'
import { firstWord, type WireReply } from './reply-parser.ts'

const readDeletedIf = oneWord({ HD: true, EX: false, NF: false })
const readDeleted = oneWord({ HD: true, NF: false })
const readAdded = readerOf(['NS'])
const readSwapped = readerOf(['EX', 'NF'])
const readSet = readerOf([])

/** The meta commands of memcached 1.6. Whatever is stored, its id comes with the reply. */
export const metaDialect: Dialect = {
  name: 'meta',
  get: (key) => ({ text: `mg ${key} v c t\r\n`, read: readItem }),
  add: (write) => ({ text: store(write, 'ME'), read: readAdded }),
  compareAndSet: (write, cas) => ({ text: store(write, `C${cas}`), read: readSwapped }),
  compareAndDelete: (key, cas) => ({ text: `md ${key} C${cas}\r\n`, read: readDeletedIf }),
  set: (write) => ({ text: store(write, 'MS'), read: readSet }),
  delete: (key) => ({ text: `md ${key}\r\n`, read: readDeleted }),
}

function store({ key, value, exptime }: TextWrite, condition: string): string {
  return `ms ${key} ${value.length} ${condition} T${exptime} c\r\n${value}\r\n`
}

function readerOf(refusals: readonly string[]): Command<Stored | undefined>['read'] {
  return ({ line }, connection) => {
    const verb = firstWord(line)
    if (verb !== 'HD') return refusals.includes(verb) ? undefined : UNEXPECTED
    const cas = flag(line, 'c')
    return cas === undefined ? UNEXPECTED : { version: { connection, cas } }
  }
}

function readItem({ line, data }: WireReply, connection: symbol): ReturnType<ItemReader> {
  if (firstWord(line) === 'EN') return undefined
  const cas = flag(line, 'c')
  if (!data || cas === undefined) return UNEXPECTED
  const item = { value: data.toString(), version: { connection, cas } }
  // Negative for what has no end.
  const leftSeconds = Number(flag(line, 't'))
  return leftSeconds >= 0 ? { ...item, remainingMs: leftSeconds * 1000 } : item
}

type ItemReader = Command<Item | undefined>['read']

/** What the reply says behind the letter of a flag. */
function flag(line: string, letter: string): string | undefined {
  const at = line.indexOf(` ${letter}`)
  if (at < 0) return undefined
  const start = at + 2
  const end = line.indexOf(' ', start)
  return line.slice(start, end < 0 ? line.length : end)
}
