/** What the machine may not allow: it, or the reason as a named skip. */
export async function ifAllowed<T>(
  name: string,
  open: (() => Promise<T>) | undefined,
): Promise<{ readonly it?: T; readonly skipped: Readonly<Record<string, string>> }> {
  if (!open) return { skipped: { [name]: 'not asked for' } }
  try {
    return { it: await open(), skipped: {} }
  } catch (error) {
    const [line] = String((error as Error).message).split('\n')
    return { skipped: { [name]: `the machine does not allow it: ${line}` } }
  }
}
