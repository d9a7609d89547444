/** Base64: the clients mangle other bytes. */
export const wireText = (value: Uint8Array): string => bufferOf(value).toString('base64')

/** Another view costs as much as the encoding of a lease. */
const bufferOf = (value: Uint8Array): Buffer =>
  Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength)

/** Text that is not of our making keeps its own bytes, so that it is told from what is. */
export function wireBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : Buffer.from(text)
}

/** How many bytes fit into so much text. */
export const bytesIn = (textMax: number): number => Math.floor(textMax / 4) * 3
