import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { type ConfigTable, type Environment, readConfig } from '#platform/config/read-config.ts'
import { oneOf, wholeNumber } from '#platform/config/variable-schemas.ts'

/** The settings of detectors. */
export const DETECTION_VARIABLES = {
  model: {
    name: 'MURMUR_MODEL',
    meaning:
      'The network that looks at all pictures whose monitor names none: a name of `murmur models list`, or the path of an ONNX file. It is opened when the detector starts.',
    defaultNote:
      'by the source: the bundled starter for rendered scenes, a released model that is here for real video, else yolox-nano, fetched at its first use',
    schema: z.string().min(1),
  },
  provider: {
    name: 'MURMUR_DETECTION_PROVIDER',
    meaning:
      'What runs it: tensorrt, cuda, webgpu or cpu. `auto` takes the first of tensorrt, cuda and cpu that works; webgpu only when it is named, because a machine without a GPU has a slow one in software.',
    default: 'auto',
    schema: oneOf(['auto', 'tensorrt', 'cuda', 'webgpu', 'cpu']),
  },
  sessions: {
    name: 'MURMUR_DETECTION_SESSIONS',
    meaning: 'Networks that run side by side, each on one thread. More than one gains nothing on a GPU.',
    defaultNote: 'cores - 1, at most 4; on up to 2 cores as many as cores; 1 on a GPU',
    schema: wholeNumber({ min: 1, max: 64 }),
  },
  pull: {
    name: 'MURMUR_MODEL_PULL',
    meaning:
      'Whether a detector may fetch a released model when a monitor first needs it: yes or no. Where it can not be had, real video is refused (`MODEL_MISSING`).',
    default: 'yes',
    schema: oneOf(['yes', 'no']),
  },
} as const satisfies ConfigTable

export interface DetectionConfig {
  readonly model: string | undefined
  readonly provider: 'auto' | 'tensorrt' | 'cuda' | 'webgpu' | 'cpu'
  readonly sessions: number | undefined
  readonly mayPull: boolean
}

/**
 * Sessions on a processor when nobody says how many. A small machine has one for each core: cameras' frames come in bursts, and detection
 * gives way to all else by its priority.
 */
export function defaultSessions(cores = availableParallelism()): number {
  return cores <= 2 ? cores : Math.min(4, cores - 1)
}

/**
 * The settings of a detector, from the environment.
 * @throws MurmurError CONFIG_INVALID with every fault at once
 */
export function loadDetectionConfig(env?: Environment): DetectionConfig {
  const { model, provider, sessions, pull } = readConfig(DETECTION_VARIABLES, env)
  return { model, provider, sessions, mayPull: pull === 'yes' }
}
