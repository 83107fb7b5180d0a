import type { ConnectionOptions } from 'bullmq'

export const STEPS = ['a', 'b', 'c'] as const
/** Results, for the client. */
export const DONE = 'peer-done'
export const queueOf = (step: string) => `peer-${step}`

/** Workers wait for Redis as long as it takes, as its documentation says. */
export function redisConnection(url: string): ConnectionOptions {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port), maxRetriesPerRequest: null }
}
