/** A program: one process of the crew. Does the tasks it is sent until its parent is gone. */
import { openStore } from './open-store.ts'
import { perform, type Task } from './task.ts'

const { store } = await openStore(process.env.DEMO_URL)

process.on('message', async (task: Task) => {
  const result = await perform(store, task, () => process.send?.('progress'))
  process.send?.({ result })
})
process.on('disconnect', () => process.exit())
process.send?.('ready')
