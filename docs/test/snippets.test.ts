import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { type RedisServer, startRedis } from '@locks/test-servers'
import { extractSnippets } from '../../scripts/lib/snippets.mjs'

const snippets = extractSnippets()
const isJestTest = (text: string) => text.includes("from '@jest/globals'")

let redis: RedisServer | undefined
beforeAll(async () => {
  if (!snippets.some(({ text }) => text.includes('REDIS_URL'))) return
  redis = await startRedis()
  process.env.REDIS_URL = redis.url
})
afterAll(() => redis?.stop())

describe('the examples of the documentation run as they are printed', () => {
  const plain = snippets.filter(({ text }) => !isJestTest(text))
  test.each(plain)('$page, line $line', async ({ file }) => {
    await import(file)
  })
})

// Those that are tests themselves join this file's.
for (const { file, text } of snippets) if (isJestTest(text)) await import(file)
