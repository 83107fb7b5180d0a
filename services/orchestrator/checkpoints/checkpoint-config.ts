import {
  type ConfigOf,
  type ConfigTable,
  type Environment,
  readConfig,
} from '#platform/config/read-config.ts'
import { oneOf, wholeNumber } from '#platform/config/variable-schemas.ts'

/** How the log is kept short. */
export const CHECKPOINT_VARIABLES = {
  checkpoints: {
    name: 'MURMUR_CHECKPOINTS',
    meaning:
      'Whether states of tasks that live for long are kept as checkpoints, and the log is purged behind them: yes or no. Nothing is purged that a partition needs whose orchestrator has `no`, nor while an orchestrator of 0.1.0 or before runs.',
    default: 'yes',
    schema: oneOf(['yes', 'no']),
  },
  checkpointMs: {
    name: 'MURMUR_CHECKPOINT_MS',
    meaning: 'Time between two looks at which tasks need a checkpoint.',
    unit: 'ms',
    default: '60000',
    schema: wholeNumber({ min: 50, max: 3_600_000 }),
  },
  logMarginMs: {
    name: 'MURMUR_LOG_MARGIN_MS',
    meaning:
      'Events that are younger stay in the log; in one that is more than 40 % full less of them, down to an eighth of this at 70 %. Without an archive it is `MURMUR_KEEP_FINISHED_MS` and five minutes at least, however full the log is: then it alone can bring finished tasks back.',
    unit: 'ms',
    default: '900000',
    schema: wholeNumber({ min: 500, max: 259_200_000 }),
  },
} as const satisfies ConfigTable

export type CheckpointConfig = ConfigOf<typeof CHECKPOINT_VARIABLES>

/** @throws MurmurError CONFIG_INVALID with every fault at once */
export function loadCheckpointConfig(env?: Environment): CheckpointConfig {
  return readConfig(CHECKPOINT_VARIABLES, env)
}
