const MORE = 0x80
const BITS = 7

/** The length of an item before its bytes: 7 bits per byte, the lowest first. */
export function frameHead(length: number): Uint8Array {
  const bytes: number[] = []
  let rest = length
  while (rest >= MORE) {
    bytes.push((rest % MORE) | MORE)
    rest = Math.floor(rest / MORE)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

/** The length that begins at `at`, and where its item begins; `undefined` when more bytes are needed. */
export function readFrameHead(data: Uint8Array, at: number) {
  let length = 0
  for (let i = at; i < data.length; i++) {
    const byte = data[i] as number
    length += (byte % MORE) * 2 ** (BITS * (i - at))
    if (byte < MORE) return { length, itemAt: i + 1 }
  }
  return undefined
}
