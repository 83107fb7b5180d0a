import { z } from 'zod'
import { type ConfigOf, type ConfigTable, type Environment, readConfig } from './read-config.ts'
import { wholeNumber } from './variable-schemas.ts'

/** The settings of the edge: the door for clients that don't speak NATS. */
export const EDGE_VARIABLES = {
  host: {
    name: 'MURMUR_EDGE_HOST',
    meaning:
      'Address that the edge listens on. Only a loopback address is served: there are no credentials yet.',
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
  grpcPort: {
    name: 'MURMUR_EDGE_GRPC_PORT',
    meaning: 'Port for gRPC at the same address; 0 takes a free one.',
    unit: 'port',
    default: '0',
    schema: wholeNumber({ min: 0, max: 65_535 }),
  },
  tlsCert: {
    name: 'MURMUR_EDGE_TLS_CERT',
    meaning: 'Certificate of the edge with its chain, for REST and gRPC. Without it both speak plainly.',
    unit: 'path to a PEM file',
    defaultNote: 'none',
    schema: z.string().min(1),
  },
  tlsKey: {
    name: 'MURMUR_EDGE_TLS_KEY',
    meaning: 'Private key of the certificate.',
    unit: 'path to a PEM file',
    defaultNote: 'none',
    schema: z.string().min(1),
  },
  tlsClientCa: {
    name: 'MURMUR_EDGE_TLS_CLIENT_CA',
    meaning: 'With it, clients have to show a certificate of this authority.',
    unit: 'path to a PEM file',
    defaultNote: 'none',
    schema: z.string().min(1),
  },
} as const satisfies ConfigTable

export type EdgeConfig = ConfigOf<typeof EDGE_VARIABLES>

/**
 * The settings of the edge, from the environment.
 * @throws MurmurError CONFIG_INVALID with every fault at once
 */
export function loadEdgeConfig(env: Environment = process.env): EdgeConfig {
  return readConfig(EDGE_VARIABLES, env)
}
