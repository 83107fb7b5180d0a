import { type ConfigTable, type Environment, readConfig } from '#platform/config/read-config.ts'
import { oneOf } from '#platform/config/variable-schemas.ts'

/** How partitions of the log are worked on. */
export const PARTITION_VARIABLES = {
  resultBatches: {
    name: 'MURMUR_RESULT_BATCHES',
    meaning:
      'Whether agents may put results of several tasks into one message: yes or no. `no` while an orchestrator may take a partition over whose version does not read them.',
    default: 'yes',
    schema: oneOf(['yes', 'no']),
  },
} as const satisfies ConfigTable

/**
 * The settings of partitions, from the environment.
 * @throws MurmurError CONFIG_INVALID
 */
export function loadPartitionConfig(env?: Environment): { readsResultBatches: boolean } {
  const { resultBatches } = readConfig(PARTITION_VARIABLES, env)
  return { readsResultBatches: resultBatches === 'yes' }
}
