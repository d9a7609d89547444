/** One deliberate mistake in a Lua script. */
export interface LuaMutant {
  /** What the mistake does. */
  readonly name: string
  /** In `src/lua`. */
  readonly file: string
  /** Occurs there exactly once; of a fragment, in no other file. */
  readonly search: string
  readonly replace: string
}
