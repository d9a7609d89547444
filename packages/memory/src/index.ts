export * from '@locks/core'
export { type MemoryStoreOptions, memoryStore } from './memory-store.ts'
