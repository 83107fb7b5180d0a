import { resolve } from 'node:path'
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

const days = decimalNumber({ min: 0.0001, max: 36_500 })
const gib = decimalNumber({ min: 0.001, max: 1_000_000 })
const rollMs = wholeNumber({ min: 0, max: 600_000 })

/** What is recorded of cameras, where, and how long it is kept: docs/recordings.md. */
export const RECORDING_VARIABLES = {
  folder: {
    name: 'MURMUR_RECORDINGS_DIR',
    meaning:
      "Folder for recordings of the cameras that are captured here: a disk of this node's own. Local mode uses one beside its data, `off` switches it off.",
    unit: 'path',
    defaultNote: 'none: nothing is recorded',
    schema: z.string().min(1).max(1024),
  },
  days: {
    name: 'MURMUR_RECORDINGS_DAYS',
    meaning: 'How long recordings are kept in which nothing was seen.',
    unit: 'days',
    default: '2',
    schema: days,
  },
  activeDays: {
    name: 'MURMUR_RECORDINGS_ACTIVE_DAYS',
    meaning: 'How long recordings are kept in which an object or motion was seen.',
    unit: 'days',
    default: '7',
    schema: days,
  },
  alertDays: {
    name: 'MURMUR_RECORDINGS_ALERT_DAYS',
    meaning: 'How long recordings around an event of a rule are kept.',
    unit: 'days',
    default: '30',
    schema: days,
  },
  detectionDays: {
    name: 'MURMUR_RECORDINGS_DETECTION_DAYS',
    meaning:
      'How long detections, tracks and events are kept beside recordings: so far back rules can be run.',
    unit: 'days',
    default: '30',
    schema: days,
  },
  cameraGib: {
    name: 'MURMUR_RECORDINGS_CAMERA_GIB',
    meaning: 'How much is kept of one camera.',
    unit: 'GiB',
    default: '50',
    schema: gib,
  },
  gib: {
    name: 'MURMUR_RECORDINGS_GIB',
    meaning: 'How much is kept in all.',
    unit: 'GiB',
    default: '200',
    schema: gib,
  },
  freeGib: {
    name: 'MURMUR_RECORDINGS_FREE_GIB',
    meaning:
      'How much of the disk stays free, whatever else is on it: below that the oldest goes, then recording pauses.',
    unit: 'GiB',
    default: '2',
    schema: gib,
  },
  beforeMs: {
    name: 'MURMUR_RECORDINGS_BEFORE_MS',
    meaning: 'What belongs to an event before it: kept with it, and at the beginning of its clip.',
    unit: 'ms',
    default: '10000',
    schema: rollMs,
  },
  afterMs: {
    name: 'MURMUR_RECORDINGS_AFTER_MS',
    meaning: 'What belongs to an event after it.',
    unit: 'ms',
    default: '20000',
    schema: rollMs,
  },
  archive: {
    name: 'MURMUR_RECORDINGS_ARCHIVE',
    meaning:
      'Where recordings around events are copied to: a folder, or `s3://bucket/prefix`. What is there stays there; clips are made from it when the recording here is gone.',
    unit: 'path or URL',
    defaultNote: 'none: nothing is copied',
    schema: z
      .string()
      .regex(/^(off|s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9._/-]*)?|(?!s3:).+)$/, {
        error: 'must be a folder, s3://bucket/prefix, or off',
      }),
  },
  endpoint: {
    name: 'MURMUR_RECORDINGS_S3_ENDPOINT',
    meaning: 'Where the object store of the archive of recordings is, for `s3://`.',
    unit: 'URL',
    defaultNote: 'that of AWS in the region',
    schema: z.url({ protocol: /^https?$/ }),
  },
  region: {
    name: 'MURMUR_RECORDINGS_S3_REGION',
    meaning: 'Region of its bucket.',
    default: 'us-east-1',
    schema: z.string().regex(/^[a-z0-9-]{1,64}$/),
  },
  accessKeyId: {
    name: 'MURMUR_RECORDINGS_S3_KEY_ID',
    meaning: 'Access key of that object store.',
    defaultNote: 'none',
    mayBeFile: true,
    schema: z.string().min(1).max(256),
  },
  secretAccessKey: {
    name: 'MURMUR_RECORDINGS_S3_SECRET',
    meaning: 'Secret of that access key.',
    defaultNote: 'none',
    secret: true,
    mayBeFile: true,
    schema: z.string().min(1).max(1024),
  },
} as const satisfies ConfigTable

/** How long what is kept. Milliseconds. */
export interface KeptTimes {
  readonly plain: number
  readonly active: number
  readonly alert: number
  readonly detections: number
}

export interface RecordingLimits {
  readonly keepMs: KeptTimes
  /** Bytes. */
  readonly cameraBytes: number
  readonly totalBytes: number
  readonly freeBytes: number
  /** Around an event. Milliseconds. */
  readonly beforeMs: number
  readonly afterMs: number
}

export interface RecordingsConfig {
  /** Absolute. */
  readonly folder: string
  readonly limits: RecordingLimits
  readonly archive: FileStore | undefined
}

const DAY_MS = 86_400_000
const GIB = 2 ** 30

/**
 * What is recorded here; undefined: nothing.
 * @throws MurmurError CONFIG_INVALID
 */
export function loadRecordingsConfig(env?: Environment): RecordingsConfig | undefined {
  const config = readConfig(RECORDING_VARIABLES, env)
  if (config.folder === undefined || config.folder === 'off') return undefined
  const limits: RecordingLimits = {
    keepMs: {
      plain: config.days * DAY_MS,
      active: Math.max(config.days, config.activeDays) * DAY_MS,
      alert: Math.max(config.days, config.alertDays) * DAY_MS,
      detections: config.detectionDays * DAY_MS,
    },
    cameraBytes: config.cameraGib * GIB,
    totalBytes: config.gib * GIB,
    freeBytes: config.freeGib * GIB,
    beforeMs: config.beforeMs,
    afterMs: config.afterMs,
  }
  return { folder: resolve(config.folder), limits, archive: archiveOf(config) }
}

function archiveOf(config: ConfigOf<typeof RECORDING_VARIABLES>): FileStore | undefined {
  const { archive, endpoint, region, accessKeyId, secretAccessKey } = config
  if (archive === undefined || archive === 'off') return undefined
  if (!archive.startsWith('s3://')) return new FolderStore(resolve(archive))
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const path = RECORDING_VARIABLES.accessKeyId.name
    const message = `and ${RECORDING_VARIABLES.secretAccessKey.name} are needed with an archive in s3://`
    throw new MurmurError('CONFIG_INVALID', `the configuration is not valid: ${path} ${message}`, {
      issues: [{ path, message }],
    })
  }
  const [bucket = '', ...folders] = archive.slice('s3://'.length).split('/')
  const prefix = folders.filter((folder) => folder !== '').join('/')
  return new S3Store({
    endpoint: endpoint ?? `https://s3.${region}.amazonaws.com`,
    ...{ region, bucket, accessKeyId, secretAccessKey },
    prefix: prefix === '' ? '' : `${prefix}/`,
  })
}
