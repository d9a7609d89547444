/**
 * Stands for Node's class under production code in the bundle: what runs in `run` sees the context until
 * it first waits. Node 20 makes each promise of the process pay for the real one, a quarter of all time,
 * and no schedule has a lock asked for under another, or a loader that asks for a value.
 */
export class AsyncLocalStorage<Store> {
  #store: Store | undefined

  run<Result>(store: Store, callback: () => Result): Result {
    const outer = this.#store
    this.#store = store
    try {
      return callback()
    } finally {
      this.#store = outer
    }
  }

  getStore(): Store | undefined {
    return this.#store
  }
}
