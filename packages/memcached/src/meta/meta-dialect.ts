import type { TextWrite } from '../memcached-transport.ts'
import {
  type Command,
  type Dialect,
  type Item,
  oneWord,
  type Stored,
  UNEXPECTED,
} from './dialect.ts'
import type { WireReply } from './reply-parser.ts'

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
  return (reply) => {
    const [verb = ''] = reply.words
    if (refusals.includes(verb)) return undefined
    const cas = flag(reply, 'c')
    return verb === 'HD' && cas !== undefined ? { cas } : UNEXPECTED
  }
}

function readItem(reply: WireReply): Item | undefined | typeof UNEXPECTED {
  const { words, data } = reply
  if (words[0] === 'EN') return undefined
  const cas = flag(reply, 'c')
  if (!data || cas === undefined) return UNEXPECTED
  // Negative for what has no end.
  const leftSeconds = Number(flag(reply, 't'))
  const left = leftSeconds >= 0 && { remainingMs: leftSeconds * 1000 }
  return { value: data.toString(), cas, ...left }
}

/** What the reply says behind the letter of a flag. */
function flag({ words }: WireReply, letter: string): string | undefined {
  for (let at = 1; at < words.length; at++) {
    const word = words[at] as string
    if (word.startsWith(letter)) return word.slice(1)
  }
  return undefined
}
