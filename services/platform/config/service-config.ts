import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'
import { instanceIdSchema } from '#schemas/identifiers.ts'
import { LIMITS } from '#schemas/limits.ts'
import { siteSchema } from '#schemas/site.ts'
import { STREAMS } from '#subjects/streams.ts'
import { type ConfigOf, type ConfigTable, type Environment, readConfig } from './read-config.ts'
import { decimalNumber, oneOf, redisUrl, url, urls, wholeNumber } from './variable-schemas.ts'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const HOUR_MS = 3_600_000

/** The settings that every service has. */
export const SERVICE_VARIABLES = {
  natsUrl: {
    name: 'MURMUR_NATS_URL',
    meaning: 'Where NATS is. Several servers are separated by commas.',
    default: 'nats://127.0.0.1:4222',
    mayBeFile: true,
    schema: urls(['nats', 'tls']),
  },
  redisUrl: {
    name: 'MURMUR_REDIS_URL',
    meaning:
      'Where Redis or Valkey is: `redis://HOST:PORT` for one server or any node of a cluster, `redis+sentinel://HOST:PORT,HOST:PORT/MASTER` for sentinels, `redis+cluster://HOST:PORT,HOST:PORT` for several nodes of a cluster; `rediss` for TLS. User and password stand before the first host.',
    default: 'redis://127.0.0.1:6379',
    mayBeFile: true,
    schema: redisUrl(),
  },
  instance: {
    name: 'MURMUR_INSTANCE',
    meaning:
      'Name of this process in the registry, in logs and in leases. Two processes must never share one.',
    defaultNote: 'host, process id and a random part',
    schema: instanceIdSchema,
  },
  logLevel: {
    name: 'MURMUR_LOG_LEVEL',
    meaning: `What is logged: ${LOG_LEVELS.join(', ')}.`,
    default: 'info',
    schema: oneOf(LOG_LEVELS),
  },
  httpHost: {
    name: 'MURMUR_HTTP_HOST',
    meaning: 'Address that /metrics, /healthz and /readyz listen on; 0.0.0.0 in a container.',
    default: '127.0.0.1',
    schema: z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/, { error: 'must be a host name or an address' }),
  },
  httpPort: {
    name: 'MURMUR_HTTP_PORT',
    meaning: 'Port of the same; 0 takes a free one.',
    unit: 'port',
    default: '0',
    schema: wholeNumber({ min: 0, max: 65_535 }),
  },
  traceRatio: {
    name: 'MURMUR_TRACE_RATIO',
    meaning:
      'Share of new traces that are recorded. Traces that come in from outside keep their own decision.',
    unit: 'share, 0 to 1',
    default: '0.05',
    schema: decimalNumber({ min: 0, max: 1 }),
  },
  tracesPerSecond: {
    name: 'MURMUR_TRACES_PER_SECOND',
    meaning:
      'New traces of that share that each process records at most; 0: no limit. With a share of 1 all are recorded, whatever stands here.',
    unit: 'traces/s',
    default: '20',
    schema: decimalNumber({ min: 0, max: 100_000 }),
  },
  otlpEndpoint: {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    meaning: 'OTLP/HTTP collector that traces go to, without the path. Without it no span is recorded.',
    defaultNote: 'none',
    schema: url(['http', 'https']),
  },
  serviceName: {
    name: 'OTEL_SERVICE_NAME',
    meaning: 'Name of the service in traces, instead of its own.',
    defaultNote: 'that of the service',
    schema: z.string().min(1).max(255),
  },
  resourceAttributes: {
    name: 'OTEL_RESOURCE_ATTRIBUTES',
    meaning: 'More about where it runs, for traces: `key=value` pairs, separated by commas.',
    defaultNote: 'none',
    schema: z.string().max(4096),
  },
  agents: {
    name: 'MURMUR_AGENTS',
    meaning:
      'Agent types that this process runs, of those it has, separated by commas: a cluster runs each by itself, to scale them apart.',
    defaultNote: 'none: all of them',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}( *, *[A-Za-z0-9_-]{1,64}){0,31}$/, {
        error: 'must be names of agent types, separated by commas',
      })
      .transform((text) => text.split(',').map((name) => name.trim())),
  },
  site: {
    name: 'MURMUR_SITE',
    meaning:
      'The site that this process stands on, with a NATS of its own as a leaf of the centre: its agents get the steps for this site alone.',
    defaultNote: 'none: it is in the centre',
    schema: siteSchema,
  },
  partitions: {
    name: 'MURMUR_PARTITIONS',
    meaning:
      'Partitions of the log when it is made; later the stream has the last word. `murmur partitions grow` makes more.',
    default: '16',
    schema: wholeNumber({ min: 1, max: LIMITS.partitions }),
  },
  storageGib: {
    name: 'MURMUR_STORAGE_GIB',
    meaning: 'Disk that all streams and objects together may use in NATS.',
    unit: 'GiB',
    default: '10',
    schema: decimalNumber({ min: 0.05, max: 10_000 }),
  },
  replicas: {
    name: 'MURMUR_REPLICAS',
    meaning:
      'Copies that NATS keeps of every stream, of its consumers and of the object store, each on a server of its own. Streams that are there are brought to it, up or down.',
    unit: 'copies',
    defaultNote: '3 on a cluster of three servers or more, and what has more keeps them; else 1',
    schema: wholeNumber({ min: 1, max: 5 }),
  },
  placementTags: {
    name: 'MURMUR_PLACEMENT_TAGS',
    meaning:
      'Tags (`server_tags` of NATS), separated by commas: only servers that have all of them hold copies of streams. Streams that are there move.',
    defaultNote: 'none: any server may, and what is there stays where it is',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9:_.-]{1,64}( *, *[A-Za-z0-9:_.-]{1,64}){0,7}$/, {
        error: 'must be up to 8 tags of letters, digits and :_.- , separated by commas',
      })
      .transform((text) => text.split(',').map((tag) => tag.trim())),
  },
  objectBudgetMib: {
    name: 'MURMUR_OBJECT_BUDGET_MIB',
    meaning:
      'Objects of the object store that a process reads whole, as inputs of steps, have so much memory at the same time; more wait.',
    unit: 'MiB',
    default: '64',
    schema: wholeNumber({ min: 1, max: 65_536 }),
  },
  auditFile: {
    name: 'MURMUR_AUDIT_FILE',
    meaning:
      'File that a service appends changes to which were asked for over NATS and answered by it: who, on what, and how it ended, one JSON line each. An edge writes its own (MURMUR_EDGE_AUDIT_FILE).',
    unit: 'path',
    defaultNote:
      'none: they stand in the log of the service, but for accepted submissions and what edges pass on',
    schema: z.string().min(1),
  },
  home: {
    name: 'MURMUR_HOME',
    meaning: 'Folder for data of local mode, caches and logs.',
    unit: 'path',
    default: '.murmur',
    schema: z.string().transform((path) => resolve(path)),
  },
  keepFinishedMs: {
    name: 'MURMUR_KEEP_FINISHED_MS',
    meaning:
      'How long a finished task can be read. Shorter than the age of the LOG stream (7 days), so that a flushed Redis can be rebuilt; not shorter than the broker remembers message ids (2 minutes).',
    unit: 'ms',
    default: String(24 * HOUR_MS),
    schema: wholeNumber({ min: 1000, max: 6 * 24 * HOUR_MS }).refine(
      (value) => value >= STREAMS.log.duplicateWindowMs,
      {
        error: `must be ${STREAMS.log.duplicateWindowMs} at least: for so long the broker drops what comes again under the same idempotency key, so a task that is forgotten earlier could neither be read nor begun anew`,
      },
    ),
  },
  stopGraceMs: {
    name: 'MURMUR_STOP_GRACE_MS',
    meaning: 'How long a process may finish its work after it was told to stop.',
    unit: 'ms',
    default: '10000',
    schema: wholeNumber({ min: 0, max: HOUR_MS }),
  },
  parentPid: {
    name: 'MURMUR_PARENT_PID',
    meaning: 'Process that started this one; when it is gone, this one stops. Set by local mode.',
    defaultNote: 'none',
    schema: wholeNumber({ min: 1, max: 2 ** 31 - 1 }),
  },
} as const satisfies ConfigTable

export type ServiceConfig = Omit<ConfigOf<typeof SERVICE_VARIABLES>, 'instance'> & {
  readonly instance: string
}

/**
 * The settings of a service, from the environment.
 * @throws MurmurError CONFIG_INVALID with every fault at once
 */
export function loadServiceConfig(env: Environment = process.env): ServiceConfig {
  const config = readConfig(SERVICE_VARIABLES, env)
  return { ...config, instance: config.instance ?? generateInstanceId() }
}

/** Host for people, process id for finding it, a random part because containers all have process id 1. */
function generateInstanceId(): string {
  const host = hostname()
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, 40)
  return `${host}-${process.pid}-${randomBytes(4).toString('hex')}`
}
