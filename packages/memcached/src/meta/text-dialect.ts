import { type Dialect, oneWord, UNEXPECTED } from './dialect.ts'

/** The commands that every memcached knows. None of them tells the id of what it has stored. */
export const textDialect: Dialect = {
  name: 'text',
  get: (key) => ({
    text: `gets ${key}\r\n`,
    read({ words: [verb, , , , cas], data }) {
      if (data) return cas ? { value: data.toString(), cas } : UNEXPECTED
      return verb === 'END' ? undefined : UNEXPECTED
    },
  }),
  add: ({ key, value, exptime }) =>
    oneWord(`add ${key} 0 ${exptime} ${value.length}\r\n${value}\r\n`, {
      STORED: {},
      NOT_STORED: undefined,
    }),
  compareAndSet: ({ key, value, exptime }, cas) =>
    oneWord(`cas ${key} 0 ${exptime} ${value.length} ${cas}\r\n${value}\r\n`, {
      STORED: {},
      EXISTS: undefined,
      NOT_FOUND: undefined,
    }),
  // Stored with an end in the past: gone at once.
  compareAndDelete: (key, cas) =>
    oneWord(`cas ${key} 0 -1 0 ${cas}\r\n\r\n`, { STORED: true, EXISTS: false, NOT_FOUND: false }),
  set: ({ key, value, exptime }) =>
    oneWord(`set ${key} 0 ${exptime} ${value.length}\r\n${value}\r\n`, { STORED: undefined }),
  delete: (key) => oneWord(`delete ${key}\r\n`, { DELETED: true, NOT_FOUND: false }),
}
