/** All items, as an array. */
export async function drained<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

/** Numbers from 1, with a count of the runs and of what was asked for in all of them. */
export function numbers(length: number, { failsAfter = Number.POSITIVE_INFINITY } = {}) {
  const source = Object.assign(
    async function* () {
      source.runs++
      try {
        for (let i = 1; i <= length; i++) {
          source.pulled++
          if (i > failsAfter) throw new RangeError(`no ${i}`)
          yield i
        }
      } finally {
        source.ended++
      }
    },
    { runs: 0, pulled: 0, ended: 0 },
  )
  return source
}

/** A stream that goes on when the test says so. */
export function heldStream<T>() {
  const waiting: (() => void)[] = []
  const steps: (T | Error | 'end')[] = []
  let runs = 0
  const next = async () => {
    while (steps.length === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    return steps.shift() as T | Error | 'end'
  }
  return {
    get runs() {
      return runs
    },
    give(...given: (T | Error | 'end')[]) {
      steps.push(...given)
      for (const wake of waiting.splice(0)) wake()
    },
    async *source(): AsyncGenerator<T, void, void> {
      runs++
      for (;;) {
        const step = await next()
        if (step === 'end') return
        if (step instanceof Error) throw step
        yield step
      }
    },
  }
}

/** The keys of the chunks that were written, in order. */
export const chunksIn = (link: { sentOf(command: 'write'): readonly { readonly key: string }[] }) =>
  link.sentOf('write').map(({ key }) => key)
