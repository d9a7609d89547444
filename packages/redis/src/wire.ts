import type { RedisArgument, RedisClient } from './redis-client.ts'

/** How a command is sent. */
export interface Sending {
  /** The client may give it up while it cannot send it; else it waits as long as it takes. */
  readonly watched: boolean
}

/** "Bulk strings as Buffers" in both spellings: npm redis 4 reads the first, 5 and 6 the second. */
const BINARY = { returnBuffers: true, typeMapping: { 36: Buffer } }
/** npm redis 6 watches by an AbortSignal for each command, which costs more than the sending. */
const UNWATCHED = { ...BINARY, timeout: 0 }

/** A client as we send by it: the bulk strings of replies are Buffers. */
export class Wire {
  readonly #client: RedisClient
  /** npm redis 6 merges options with its own for each command, which is cheap if it has the same already. */
  readonly #unwatched: RedisClient

  constructor(client: RedisClient) {
    this.#client = client
    const unwatched = client.withCommandOptions?.(UNWATCHED)
    // Whoever has put something around `sendCommand` means every command.
    this.#unwatched = unwatched?.sendCommand === client.sendCommand ? unwatched : client
  }

  send(command: RedisArgument[], { watched }: Sending): Promise<unknown> {
    return watched
      ? this.#client.sendCommand(command, BINARY)
      : this.#unwatched.sendCommand(command, UNWATCHED)
  }
}
