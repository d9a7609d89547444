import type { TestProxy } from '@locks/test-servers'
import type { Fault } from './fault.ts'
import { lasting } from './lasting.ts'

/** What can lie between clients and servers. `proxiesOf`: those of the worker in this place. */
export function networkFaults(
  proxiesOf: (place: number) => readonly TestProxy[],
): readonly Fault[] {
  const fault = (
    kind: string,
    begin: (proxy: TestProxy) => unknown,
    end: (proxy: TestProxy) => Promise<unknown> = (proxy) => proxy.restore(),
  ): Fault =>
    lasting(`network: ${kind}`, 'network', async ({ chance, fleet }, holder) => {
      const own = chance.of(0.3) ? [] : proxiesOf(holder.place)
      const proxies = own.length > 0 ? own : fleet.crew.flatMap(({ place }) => proxiesOf(place))
      await Promise.all(proxies.map(begin))
      return () => Promise.all(proxies.map(end))
    })
  const reset = async (proxy: TestProxy) => {
    proxy.reset()
    await proxy.restore()
  }
  return [
    fault('delay', (proxy) => proxy.delay(150)),
    fault('replies dropped', (proxy) => proxy.dropReplies(), reset),
    fault('black hole, all arrives late', (proxy) => proxy.blackHole()),
    fault('black hole, all is lost', (proxy) => proxy.blackHole(), reset),
    fault('connections reset', (proxy) => proxy.reset()),
    fault('down', (proxy) => proxy.down()),
  ]
}
