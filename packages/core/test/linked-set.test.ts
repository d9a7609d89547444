import { expect, test } from '@jest/globals'
import { type Link, LinkedSet } from '../src/linked-set.ts'

interface Item extends Link<Item> {
  readonly n: number
}

const numbers = (set: LinkedSet<Item>) => set.toArray().map(({ n }) => n)

test('a linked set keeps the order of arrival, whoever leaves, and does not mind who has left', () => {
  const set = new LinkedSet<Item>()
  const items = [0, 1, 2, 3, 4].map((n): Item => ({ n }))
  for (const item of items) set.add(item)
  for (const n of [2, 0, 4, 2]) set.delete(items[n] as Item)
  expect([numbers(set), set.size, set.first]).toEqual([[1, 3], 2, items[1]])
  set.add(items[2] as Item)
  expect(numbers(set)).toEqual([1, 3, 2])
  for (const item of items) set.delete(item)
  expect([numbers(set), set.size, set.first]).toEqual([[], 0, undefined])
})

test('an item that has left keeps nothing alive, and is not taken out of another set', () => {
  const [one, other] = [new LinkedSet<Item>(), new LinkedSet<Item>()]
  const item: Item = { n: 1 }
  one.add(item)
  one.add({ n: 2 })
  one.delete(item)
  expect(item).toEqual({ n: 1 })
  other.add(item)
  one.delete(item)
  expect(numbers(other)).toEqual([1])
})
