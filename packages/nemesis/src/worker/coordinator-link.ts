import { once } from 'node:events'
import { connect } from 'node:net'
import { LineSocket } from '../line-socket.ts'
import type { Answer, Order, Question, Report } from '../messages.ts'

/** A worker's connection to the coordinator. No fault touches it. */
export class CoordinatorLink {
  readonly #lines: LineSocket<Order, Report>
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #asked = 0

  private constructor(lines: (onOrder: (order: Order) => void) => LineSocket<Order, Report>) {
    this.#lines = lines((order) => this.#obey(order))
  }

  /** Orders other than answers go to this. */
  onOrder: (order: Exclude<Order, { do: 'answer' }>) => void = () => {}

  static async open(path: string): Promise<CoordinatorLink> {
    const socket = connect({ path })
    await once(socket, 'connect')
    socket.once('close', () => {
      console.error('The connection to the coordinator has ended: nobody is left to work for')
      process.exit(1)
    })
    return new CoordinatorLink((onOrder) => new LineSocket<Order, Report>(socket, onOrder))
  }

  report(report: Report): void {
    this.#lines.send(report)
  }

  ask(question: Question): Promise<Answer> {
    const id = ++this.#asked
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#lines.send({ is: 'question', id, question })
    })
  }

  #obey(order: Order): void {
    if (order.do === 'answer') {
      this.#waiting.get(order.id)?.(order.answer)
      this.#waiting.delete(order.id)
    } else this.onOrder(order)
  }
}
