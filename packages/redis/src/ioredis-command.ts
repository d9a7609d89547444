import type { RedisArgument } from './redis-client.ts'

/** What sends, of a client of ioredis. */
export interface IoredisSender {
  readonly options: {
    readonly keyPrefix?: string | undefined
    readonly showFriendlyErrorStack?: boolean | undefined
  }
  callBuffer(command: string, args: RedisArgument[]): Promise<unknown>
}

interface Command {
  args: RedisArgument[]
}

type CommandClass = new (
  name: string,
  args: [],
  options: { readonly replyEncoding: null },
) => Command

/** Where commands of its own are sent by. */
interface CommandSender {
  sendCommand?(command: Command): Promise<unknown>
}

const BINARY = { replyEncoding: null } as const

/**
 * How to send by `client`. Its `callBuffer` flattens the arguments, at 1,200 instructions each, which was a
 * seventh of a lock. Nothing here is nested: a command of the client's own class gets its arguments when it
 * is made. Where the client has something to do with each argument, `callBuffer` does it.
 */
export function sendBy(client: IoredisSender): (command: RedisArgument[]) => Promise<unknown> {
  const { keyPrefix, showFriendlyErrorStack } = client.options
  const Command = keyPrefix || showFriendlyErrorStack ? undefined : commandClassOf(client)
  const sender = client as CommandSender
  return (words) => {
    const name = String(words[0])
    const args = words.slice(1)
    if (!Command || !sender.sendCommand || !args.every(isText)) return client.callBuffer(name, args)
    const command = new Command(name, [], BINARY)
    command.args = args
    return sender.sendCommand(command)
  }
}

const isText = (arg: RedisArgument): boolean => typeof arg === 'string'

/** There may be several ioredis about, so: of what this client makes. None of what only looks like a client. */
function commandClassOf(client: IoredisSender): CommandClass | undefined {
  const isWrapped = Object.hasOwn(client, 'callBuffer') || !('sendCommand' in client)
  if (isWrapped) return undefined
  const unsent = { options: {}, sendCommand: (command: unknown) => command }
  const made: unknown = client.callBuffer.call(unsent as unknown as IoredisSender, 'ping', [])
  const isCommand = typeof made === 'object' && made !== null && 'args' in made
  return isCommand ? (made.constructor as CommandClass) : undefined
}
