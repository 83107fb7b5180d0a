import { availableParallelism, totalmem } from 'node:os'
import { z } from 'zod'
import { isAllowEntry, type TenantEntry, tenantListOf } from '#platform/config/address-list.ts'
import { type ConfigTable, type Environment, readConfig } from '#platform/config/read-config.ts'
import { loadTextSealer } from '#platform/config/seal-keys.ts'
import { wholeNumber } from '#platform/config/variable-schemas.ts'
import type { TextSealer } from '#platform/secrets/sealed-text.ts'
import { HARDWARE_DECODING, type HardwareDecoding } from './decode/hardware-decoding.ts'

/** Where cameras usually are: the private networks of RFC 1918 and unique local IPv6. Not loopback, not link-local. */
export const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'] as const

/** The settings of live video. */
export const VIDEO_VARIABLES = {
  networks: {
    name: 'MURMUR_VIDEO_NETWORKS',
    meaning:
      'Where cameras and streams of a tenant may be, beside public addresses: CIDR ranges, addresses and host names, separated by commas. `acme=10.1.0.0/16` is for the tenant acme, `*=` before one for all, and one without for the tenant `default`. Loopback and link-local addresses are refused unless they are named here.',
    default: PRIVATE_NETWORKS.join(','),
    schema: tenantListOf(
      isAllowEntry,
      'must be addresses, CIDR ranges or host names, separated by commas, with TENANT= before those of a tenant',
    ),
  },
  ports: {
    name: 'MURMUR_VIDEO_PORTS',
    meaning:
      'Ports that video may come from beside 80, 443, 322, 554, 8080, 8443 and 8554, separated by commas, by tenant as above; `*` is every port.',
    defaultNote: 'none',
    schema: tenantListOf(
      (entry) => entry === '*' || (/^[1-9]\d{0,4}$/.test(entry) && Number(entry) <= 65_535),
      'must be ports or *, separated by commas, with TENANT= before those of a tenant',
    ),
  },
  cameras: {
    name: 'MURMUR_CAPTURE_CAMERAS',
    meaning:
      'Cameras that one capture process takes at the same time; what is beyond waits for a place, and is said to. What one costs: docs/capacity.md.',
    unit: 'cameras',
    defaultNote: '8 a core, less where there are less than 100 MiB of memory for each, at least 4',
    schema: wholeNumber({ min: 1, max: 1000 }),
  },
  secrets: {
    name: 'MURMUR_CAMERA_SECRETS',
    meaning:
      'File with users and passwords of cameras by name, and for whom and where: docs/capture.md. Read at each use.',
    unit: 'path',
    defaultNote: 'none',
    schema: z.string(),
  },
  hwaccel: {
    name: 'MURMUR_VIDEO_HWACCEL',
    meaning:
      'What video is decoded with: `auto` is the first of cuda, vaapi, qsv, videotoolbox and d3d11va that really decodes a test picture, `none` the processor alone, a name that one. What does not work is decoded by the processor, and the state of each camera says why.',
    default: 'auto',
    schema: z.enum(HARDWARE_DECODING),
  },
} as const satisfies ConfigTable

export interface VideoConfig {
  /** Addresses, CIDR ranges and host names that video may come from although they are not public. */
  readonly networks: readonly TenantEntry[]
  /** Ports beside the usual ones. */
  readonly ports: readonly TenantEntry[]
  /** Cameras taken at the same time. */
  readonly cameras?: number | undefined
  /** Path of the file with secrets of cameras. */
  readonly secrets?: string | undefined
  /** What video is decoded with; the processor alone unless given. */
  readonly hwaccel?: HardwareDecoding | undefined
  /** Opens what orchestrators have sealed. */
  readonly sealer?: TextSealer | undefined
}

/** Measured: docs/capacity.md. Eight of 720p need three quarters of a core, of 1080p nearly one and a half. */
const CAMERAS_PER_CORE = 8
const CAMERA_BYTES = 100 * 1024 ** 2
/** For a stream in the middle of the night a small machine is still good. */
const FEWEST_CAMERAS = 4

/** Cameras that a machine takes when nobody says how many: as its cores and the memory that it has allow. */
export function defaultCameras(cores = availableParallelism(), bytes = totalmem()): number {
  const fitting = Math.min(CAMERAS_PER_CORE * cores, Math.floor(bytes / 2 / CAMERA_BYTES))
  return Math.max(FEWEST_CAMERAS, fitting)
}

/**
 * The settings of live video, from the environment.
 * @throws MurmurError CONFIG_INVALID with every fault at once
 */
export function loadVideoConfig(env?: Environment): VideoConfig {
  const {
    networks,
    ports = [],
    secrets,
    hwaccel,
    cameras = defaultCameras(),
  } = readConfig(VIDEO_VARIABLES, env)
  return { networks, ports, secrets, hwaccel, cameras, sealer: loadTextSealer(env) }
}
