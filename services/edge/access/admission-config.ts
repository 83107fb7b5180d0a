import { listOf } from '#platform/config/address-list.ts'
import type { ConfigTable } from '#platform/config/read-config.ts'
import { wholeNumber } from '#platform/config/variable-schemas.ts'
import { isNetwork } from './client-address.ts'

/** How much of an edge one address and one credential may take. */
export const ADMISSION_VARIABLES = {
  trustedProxies: {
    name: 'MURMUR_EDGE_TRUSTED_PROXIES',
    meaning:
      'Proxies and load balancers in front of the edge, addresses and CIDR ranges separated by commas: the right-most address of their X-Forwarded-For that is none of them is where a request comes from.',
    defaultNote: 'none: the address of the connection',
    schema: listOf(isNetwork, 'must be addresses or CIDR ranges, separated by commas'),
  },
  connectionsPerAddress: {
    name: 'MURMUR_EDGE_CONNECTIONS_PER_ADDRESS',
    meaning:
      'Connections that one address may have, REST and gRPC together; more are closed at once. Trusted proxies are not counted so.',
    unit: 'connections',
    default: '1000',
    schema: wholeNumber({ min: 1, max: 10_000 }),
  },
  requestsPerCredential: {
    name: 'MURMUR_EDGE_REQUESTS_PER_CREDENTIAL',
    meaning:
      'Requests and streams of one API key or token that may be open at once on one edge; more are refused as RATE_LIMITED.',
    unit: 'requests',
    default: '1000',
    schema: wholeNumber({ min: 1, max: 100_000 }),
  },
} as const satisfies ConfigTable
