import { createInterface } from 'node:readline'

type Handler = (args: never) => Promise<unknown>

/** The worker's side of a `Crew`: one JSON line in, one JSON line out. Never returns. */
export async function serve(handlers: Readonly<Record<string, Handler>>): Promise<void> {
  // A peer may reject in the background, when its waiter has long been told.
  process.on('unhandledRejection', (error) => console.error(error))
  answer({ value: 'ready' })
  for await (const line of createInterface({ input: process.stdin })) {
    const { call, args } = JSON.parse(line)
    const handler = handlers[call]
    try {
      if (!handler) throw new Error(`no such call: ${call}`)
      answer({ value: (await handler(args as never)) ?? null })
    } catch (error) {
      answer({ error: error instanceof Error ? error.message : String(error) })
    }
  }
  process.exit()
}

/** With a mark, for the libraries under test may print lines of their own. */
function answer(reply: object): void {
  process.stdout.write(`\n@${JSON.stringify(reply)}\n`)
}
