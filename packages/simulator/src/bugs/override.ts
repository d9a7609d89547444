/** `original` with some methods replaced; the others still run on it. */
export function override<T extends object>(original: T, replaced: Partial<T>): T {
  return new Proxy(original, {
    get(target, name) {
      if (name in replaced) return replaced[name as keyof T]
      const member = target[name as keyof T]
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
