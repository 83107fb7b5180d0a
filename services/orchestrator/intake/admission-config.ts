import { z } from 'zod'
import {
  type ConfigOf,
  type ConfigTable,
  type Environment,
  readConfig,
} from '#platform/config/read-config.ts'
import { wholeNumber } from '#platform/config/variable-schemas.ts'
import { TOKEN_PATTERN } from '#schemas/identifiers.ts'

const MAX = 1_000_000_000
const MAX_BYTES = 1e15 - 1

/** How much orchestrators take in before they ask clients to come back later. */
export const ADMISSION_VARIABLES = {
  maxActiveTasks: {
    name: 'MURMUR_MAX_ACTIVE_TASKS',
    meaning:
      'Tasks of all tenants that may be in flight; above that new ones are refused as OVERLOADED. 0: no limit.',
    unit: 'tasks',
    default: '200000',
    schema: wholeNumber({ min: 0, max: MAX }),
  },
  maxLagEvents: {
    name: 'MURMUR_MAX_LAG_EVENTS',
    meaning:
      'Events that an orchestrator may have read and not folded yet; above that it refuses new tasks as OVERLOADED. 0: no limit.',
    unit: 'events',
    default: '200000',
    schema: wholeNumber({ min: 0, max: MAX }),
  },
  maxWaitingSteps: {
    name: 'MURMUR_MAX_WAITING_STEPS',
    meaning:
      'Steps of one agent type that may wait, queued or for room in the queue; above that new tasks that name it are refused as OVERLOADED. 0: no limit.',
    unit: 'steps',
    default: '60000',
    schema: wholeNumber({ min: 0, max: MAX }),
  },
  tenantMaxActive: {
    name: 'MURMUR_TENANT_MAX_ACTIVE',
    meaning:
      'Tasks of one tenant that may be in flight; above that its new ones are refused as QUOTA_EXCEEDED. 0: no limit.',
    unit: 'tasks',
    default: '50000',
    schema: wholeNumber({ min: 0, max: MAX }),
  },
  tenantMaxActiveOf: {
    name: 'MURMUR_TENANT_MAX_ACTIVE_OF',
    meaning: 'The same for single tenants, as TENANT=TASKS, separated by commas.',
    defaultNote: 'none',
    schema: z.string().transform(parseTenantLimits('TASKS')),
  },
  tenantCameras: {
    name: 'MURMUR_TENANT_CAMERAS',
    meaning:
      'Cameras that tasks of one tenant may hold at the same time; above that its new monitors are refused as QUOTA_EXCEEDED. 0: no limit.',
    unit: 'cameras',
    // Half of those of which FRAMES (256 MiB) keeps eight frames as large as the default model takes them (416 × 416, 0.5 MB): 64.
    default: '32',
    schema: wholeNumber({ min: 0, max: MAX }),
  },
  tenantCamerasOf: {
    name: 'MURMUR_TENANT_CAMERAS_OF',
    meaning: 'The same for single tenants, as TENANT=CAMERAS, separated by commas.',
    defaultNote: 'none',
    schema: z.string().transform(parseTenantLimits('CAMERAS')),
  },
  tenantObjectBytes: {
    name: 'MURMUR_TENANT_OBJECT_BYTES',
    meaning:
      'Bytes that one tenant may have in the object store; above that its uploads and new tasks are refused as QUOTA_EXCEEDED, and what its accepted tasks make from two ninths above that. 0: no limit.',
    unit: 'bytes',
    defaultNote: '45 % of the object store: 1.57 GiB of 3.5 GiB',
    schema: wholeNumber({ min: 0, max: MAX_BYTES }),
  },
  tenantObjectBytesOf: {
    name: 'MURMUR_TENANT_OBJECT_BYTES_OF',
    meaning: 'The same for single tenants, as TENANT=BYTES, separated by commas.',
    defaultNote: 'none',
    schema: z.string().transform(parseTenantLimits('BYTES')),
  },
  uploadTtlMs: {
    name: 'MURMUR_UPLOAD_TTL_MS',
    meaning:
      'How long an upload is kept that no task refers to. One that a task refers to is kept for as long as the task can be read.',
    unit: 'ms',
    default: '86400000',
    schema: wholeNumber({ min: 1000, max: 30 * 86_400_000 }),
  },
} as const satisfies ConfigTable

export type AdmissionConfig = ConfigOf<typeof ADMISSION_VARIABLES>

/**
 * The limits of admission, from the environment.
 * @throws MurmurError CONFIG_INVALID with every fault at once
 */
export function loadAdmissionConfig(env?: Environment): AdmissionConfig {
  return readConfig(ADMISSION_VARIABLES, env)
}

/** @param unit what stands behind the equals sign */
function parseTenantLimits(unit: string) {
  return (text: string, context: z.RefinementCtx): ReadonlyMap<string, number> => {
    const limits = new Map<string, number>()
    for (const entry of text.split(',')) {
      const [tenant = '', limit = '', ...more] = entry.trim().split('=')
      if (more.length > 0 || !TOKEN_PATTERN.test(tenant) || !/^\d{1,15}$/.test(limit) || limits.has(tenant)) {
        context.addIssue({ code: 'custom', message: `must be TENANT=${unit}, each tenant once` })
        return z.NEVER
      }
      limits.set(tenant, Number(limit))
    }
    return limits
  }
}
