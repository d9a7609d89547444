import type { ObservedCommand } from '../store/store-observer.ts'

/** More than any command waits for one after the other between two commands of its server. */
const HOPS = 12

/**
 * For which command of a store those of its server are sent. AsyncLocalStorage would know it too, and make
 * a schedule take three times as long.
 */
export class CurrentCommand {
  #command: ObservedCommand | undefined

  get(): ObservedCommand | undefined {
    return this.#command
  }

  /** Until `call` returns. */
  run<Result>(command: ObservedCommand, call: () => Result): Result {
    const outer = this.#command
    this.#command = command
    try {
      return call()
    } finally {
      this.#command = outer
    }
  }

  /**
   * In whatever the promise leads to that the caller settles next: microtasks run in the order in which
   * they were queued, so one of ours is just ahead of each that goes on with the command.
   */
  follow(command: ObservedCommand | undefined): void {
    let hops = HOPS
    const ahead = () => {
      this.#command = command
      if (--hops > 0) void settled.then(ahead)
    }
    void settled.then(ahead)
  }
}

const settled = Promise.resolve()
