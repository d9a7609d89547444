/** The part of a key that decides its slot: within the first braces, if anything is; else all of it. */
export function hashTag(key: string): string {
  const start = key.indexOf('{')
  const end = start < 0 ? -1 : key.indexOf('}', start + 1)
  return end > start + 1 ? key.slice(start + 1, end) : key
}

/** The slot of a key, from 0 to 16383: CRC-16/XMODEM of its hash tag. */
export function slotOf(key: string): number {
  let crc = 0
  for (const byte of Buffer.from(hashTag(key))) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  }
  return crc & 0x3fff
}
