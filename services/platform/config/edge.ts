import { z } from 'zod'
import { type ConfigTable, type Environment, readConfig } from './read-config.ts'
import { wholeNumber } from './variable-schemas.ts'

/** The settings of the edge: the door for clients that don't speak NATS. */
export const EDGE_VARIABLES = {
  host: {
    name: 'MURMUR_EDGE_HOST',
    meaning:
      'Address that the edge listens on for REST. Only a loopback address is served: there are no credentials yet.',
    default: '127.0.0.1',
    schema: z.union([z.literal('127.0.0.1'), z.literal('::1')], {
      error: 'must be 127.0.0.1 or ::1: without credentials only this machine is served',
    }),
  },
  port: {
    name: 'MURMUR_EDGE_PORT',
    meaning: 'Port of the same; 0 takes a free one.',
    unit: 'port',
    default: '0',
    schema: wholeNumber({ min: 0, max: 65_535 }),
  },
} as const satisfies ConfigTable

export interface EdgeConfig {
  readonly host: string
  readonly port: number
}

/**
 * The settings of the edge, from the environment.
 * @throws MurmurError CONFIG_INVALID with every fault at once
 */
export function loadEdgeConfig(env: Environment = process.env): EdgeConfig {
  return readConfig(EDGE_VARIABLES, env)
}
