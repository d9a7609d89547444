import { describe, expect, test } from '@jest/globals'
import { type News, Place } from '../../src/lock/place.ts'

const grant = {
  ...{ key: 'k', token: 'mine', fence: 7, remainingMs: 5000 },
  ...{ enqueuedAtMs: 1000, grantedAtMs: 2000 },
}

/** What `place` has to say now. */
function newsOf(place: Place): News | undefined {
  let heard: News | undefined
  place.onNews((news) => {
    heard = news
  })
  return heard
}

describe('a place', () => {
  test('keeps a grant until somebody looks', () => {
    const place = new Place()
    place.deliver(grant, 10)
    expect(newsOf(place)).toEqual({ grant, receivedAtMs: 10 })
  })

  test('has a grant rather than a wish to ask', () => {
    const place = new Place()
    place.ask()
    place.deliver(grant, 10)
    place.ask()
    expect(newsOf(place)).toMatchObject({ grant: { fence: 7 } })
  })

  test('forgets a grant that a later answer has outdated, before it and after it', () => {
    const place = new Place()
    place.deliver(grant, 10)
    place.notGranted(2001)
    expect(newsOf(place)).toBeUndefined()
    place.deliver(grant, 20)
    expect(newsOf(place)).toBeUndefined()
  })

  test('still wants to ask when the grant that came meanwhile is outdated', () => {
    const place = new Place()
    place.ask()
    place.deliver(grant, 10)
    place.notGranted(2001)
    expect(newsOf(place)).toBe('ask')
    place.asked()
    expect(newsOf(place)).toBeUndefined()
  })
})
