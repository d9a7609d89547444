export type { Script } from '@locks/redis/parts'
