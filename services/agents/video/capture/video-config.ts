import { isAllowEntry, listOf } from '#platform/config/address-list.ts'
import { type ConfigTable, type Environment, readConfig } from '#platform/config/read-config.ts'

/** Where cameras usually are: the private networks of RFC 1918 and unique local IPv6. Not loopback, not link-local. */
export const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'] as const

/** The settings of live video. */
export const VIDEO_VARIABLES = {
  networks: {
    name: 'MURMUR_VIDEO_NETWORKS',
    meaning:
      'Where cameras and streams may be, beside public addresses: CIDR ranges, addresses and host names, separated by commas. Loopback and link-local addresses are refused unless they are named here.',
    default: PRIVATE_NETWORKS.join(','),
    schema: listOf(isAllowEntry, 'must be addresses, CIDR ranges or host names, separated by commas'),
  },
} as const satisfies ConfigTable

export interface VideoConfig {
  /** Addresses, CIDR ranges and host names that video may come from although they are not public. */
  readonly networks: readonly string[]
}

/**
 * The settings of live video, from the environment.
 * @throws MurmurError CONFIG_INVALID with every fault at once
 */
export function loadVideoConfig(env?: Environment): VideoConfig {
  return readConfig(VIDEO_VARIABLES, env)
}
