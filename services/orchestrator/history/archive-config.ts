import { join, resolve } from 'node:path'
import { z } from 'zod'
import {
  type ConfigOf,
  type ConfigTable,
  type Environment,
  readConfig,
} from '#platform/config/read-config.ts'
import { decimalNumber, wholeNumber } from '#platform/config/variable-schemas.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import { FolderStore } from '#platform/storage/folder-store.ts'
import { S3Store } from '#platform/storage/s3-store.ts'

/** Where what happened to tasks is kept when the log has it no more. */
export const ARCHIVE_VARIABLES = {
  place: {
    name: 'MURMUR_ARCHIVE',
    meaning:
      'Where the history of tasks is kept: a folder, or `s3://bucket/prefix`. All orchestrators have to see the same. Local mode uses a folder beside its data, `off` switches it off.',
    unit: 'path or URL',
    defaultNote: 'none: nothing is archived',
    schema: z
      .string()
      .regex(/^(off|s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9._/-]*)?|(?!s3:).+)$/, {
        error: 'must be a folder, s3://bucket/prefix, or off',
      }),
  },
  days: {
    name: 'MURMUR_ARCHIVE_DAYS',
    meaning: 'How long history is kept.',
    unit: 'days',
    default: '365',
    schema: decimalNumber({ min: 0.001, max: 36_500 }),
  },
  gib: {
    name: 'MURMUR_ARCHIVE_GIB',
    meaning: 'How much history is kept: above it the oldest goes.',
    unit: 'GiB',
    default: '10',
    schema: decimalNumber({ min: 0.001, max: 1_000_000 }),
  },
  segmentMs: {
    name: 'MURMUR_ARCHIVE_SEGMENT_MS',
    meaning:
      'How long events wait for their segment to be full before it is written as it is. The log keeps them until then.',
    unit: 'ms',
    default: '900000',
    schema: wholeNumber({ min: 100, max: 86_400_000 }),
  },
  endpoint: {
    name: 'MURMUR_ARCHIVE_S3_ENDPOINT',
    meaning: 'Where the object store is, for `s3://`.',
    unit: 'URL',
    defaultNote: 'that of AWS in the region',
    schema: z.url({ protocol: /^https?$/ }),
  },
  region: {
    name: 'MURMUR_ARCHIVE_S3_REGION',
    meaning: 'Region of the bucket.',
    default: 'us-east-1',
    schema: z.string().regex(/^[a-z0-9-]{1,64}$/),
  },
  accessKeyId: {
    name: 'MURMUR_ARCHIVE_S3_KEY_ID',
    meaning: 'Access key of the object store.',
    defaultNote: 'none',
    mayBeFile: true,
    schema: z.string().min(1).max(256),
  },
  secretAccessKey: {
    name: 'MURMUR_ARCHIVE_S3_SECRET',
    meaning: 'Secret of the access key.',
    defaultNote: 'none',
    secret: true,
    mayBeFile: true,
    schema: z.string().min(1).max(1024),
  },
} as const satisfies ConfigTable

export type ArchiveConfig = ConfigOf<typeof ARCHIVE_VARIABLES>

/** Where local mode has it. */
export function archivePlace(home: string): string {
  return join(home, 'data', 'archive')
}

/** @throws MurmurError CONFIG_INVALID with every fault at once */
export function loadArchiveConfig(env?: Environment): ArchiveConfig {
  return readConfig(ARCHIVE_VARIABLES, env)
}

/** The store that the settings name; undefined: nothing is archived. @throws MurmurError CONFIG_INVALID */
export function openArchiveStore(config: ArchiveConfig): FileStore | undefined {
  const { place, region, endpoint, accessKeyId, secretAccessKey } = config
  if (place === undefined || place === 'off') return undefined
  if (!place.startsWith('s3://')) return new FolderStore(resolve(place))
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(place) ?? []
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new MurmurError(
      'CONFIG_INVALID',
      'MURMUR_ARCHIVE names an object store: MURMUR_ARCHIVE_S3_KEY_ID and MURMUR_ARCHIVE_S3_SECRET have to be set',
    )
  return new S3Store({
    endpoint: endpoint ?? `https://s3.${region}.amazonaws.com`,
    prefix: path === '' ? '' : `${path.replace(/\/+$/, '')}/`,
    ...{ region, bucket, accessKeyId, secretAccessKey },
  })
}
