import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { type RedisServer, startRedis } from '@locks/test-servers'
import { extractSnippets } from '../../scripts/lib/snippets.mjs'

// Those that are tests themselves have a file of their own: their hooks are for them alone.
const snippets = extractSnippets().filter(({ text }) => !text.includes("from '@jest/globals'"))

let redis: RedisServer | undefined
beforeAll(async () => {
  if (!snippets.some(({ text }) => text.includes('REDIS_URL'))) return
  redis = await startRedis()
  process.env.REDIS_URL = redis.url
})
afterAll(() => redis?.stop())

describe('the examples of the documentation run as they are printed', () => {
  test.each(snippets)('$page, line $line', async ({ file }) => {
    await import(file)
  })
})
