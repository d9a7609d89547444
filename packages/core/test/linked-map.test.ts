import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { LinkedMap } from '../src/linked-map.ts'

type Command = readonly ['set' | 'delete' | 'clear', key: string]

const command = fc.tuple(
  fc.constantFrom<Command[0]>('set', 'set', 'set', 'delete', 'delete', 'clear'),
  fc.constantFrom(...'abcdefghijklmnopqrst'),
)

test('does what a Map does, with an index and without', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
      const map = new Map<string, number>()
      const linked = new LinkedMap<number>()
      commands.forEach(([name, key], value) => {
        // Few clears, or no map grows.
        if (name === 'clear' && value % 7 === 0) {
          map.clear()
          linked.clear()
        } else if (name === 'set') {
          map.set(key, value)
          linked.set(key, value)
        } else expect(linked.delete(key)).toBe(map.delete(key))
        expect([...linked]).toEqual([...map])
        expect([linked.size, linked.has(key), linked.get(key)]).toEqual([
          map.size,
          map.has(key),
          map.get(key),
        ])
      })
      expect([...linked.keys()]).toEqual([...map.keys()])
      expect([...linked.values()]).toEqual([...map.values()])
    }),
  )
})

test('the entry that a loop is at may be deleted', () => {
  const linked = new LinkedMap<number>()
  for (let each = 0; each < 20; each++) linked.set(`key ${each}`, each)
  const seen: number[] = []
  for (const [key, value] of linked) {
    seen.push(value)
    linked.delete(key)
  }
  expect(seen).toEqual(Array.from({ length: 20 }, (_, each) => each))
  linked.set('again', 1)
  linked.forEach((_, key) => {
    linked.delete(key)
  })
  expect(linked.size).toBe(0)
})
