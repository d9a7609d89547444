import { startProxy, type TestProxy } from '@locks/test-servers'

/** A proxy in front of each of these ports for each place, so that a fault may strike one worker alone. */
export async function startProxies(
  places: number,
  ports: readonly number[],
): Promise<readonly (readonly TestProxy[])[]> {
  const row = () => Promise.all(ports.map((port) => startProxy({ port })))
  return Promise.all(Array.from({ length: places }, row))
}
