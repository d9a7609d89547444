module.exports = {
  hooks: {
    /** Takes the condition that this repository resolves its own sources by out of what users get. */
    beforePacking(manifest) {
      for (const entry of Object.values(manifest.exports ?? {})) delete entry['@locks/source']
      return manifest
    },
  },
}
