import { execFile } from 'node:child_process'
import { readlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const ip = (line: string) => execute('ip', line.split(' '))

/**
 * A network namespace for one worker, joined to ours by a pair of virtual cards: it can be cut by the
 * kernel, which loses what is on its way and tells nobody. Needs Linux and the right to do so.
 */
export class PrivateNetwork implements AsyncDisposable {
  /** What a program is started under to live in a network of its own. */
  static readonly under = ['unshare', '--net']
  readonly #net = `10.213.${process.pid % 256}`
  #cards = 0
  #card = ''

  /** @throws why it cannot be. */
  static async open(): Promise<PrivateNetwork> {
    const network = new PrivateNetwork()
    await execute(PrivateNetwork.under[0] as string, ['--net', 'true'])
    await ip(`addr add ${network.address}/32 dev lo`)
    return network
  }

  /** Of this machine, as seen from there. Servers must listen on it. */
  get address(): string {
    return `${this.#net}.1`
  }

  /** Connects a program that was started there. The cards go when it ends. */
  async join(pid: number): Promise<void> {
    const ours = await readlink('/proc/self/ns/net')
    while ((await readlink(`/proc/${pid}/ns/net`)) === ours) await sleep(1)
    this.#card = `lkn${process.pid % 100_000}-${this.#cards++}`
    const [card, peer] = [this.#card, `${this.#card}p`]
    await ip(`link add ${card} type veth peer name ${peer}`)
    await ip(`addr add ${this.#net}.5/30 dev ${card}`)
    await ip(`link set ${card} up`)
    await ip(`link set ${peer} netns ${pid}`)
    const there = (line: string) =>
      execute('nsenter', ['--target', String(pid), '--net', 'ip', ...line.split(' ')])
    await there(`addr add ${this.#net}.6/30 dev ${peer}`)
    await there(`link set ${peer} up`)
    await there(`route add ${this.address}/32 via ${this.#net}.5`)
  }

  async cut(): Promise<void> {
    await ip(`link set ${this.#card} down`)
  }

  /** Also when the program has ended meanwhile, and its card with it. */
  async heal(): Promise<void> {
    await ip(`link set ${this.#card} up`).catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await ip(`addr del ${this.address}/32 dev lo`)
  }
}
