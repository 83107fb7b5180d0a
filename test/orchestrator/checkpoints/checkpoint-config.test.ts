import t from 'tap'
import { loadCheckpointConfig } from '../../../services/orchestrator/checkpoints/checkpoint-config.ts'

t.test('checkpoints are written where it is said', (t) => {
  t.strictSame(loadCheckpointConfig({}), { checkpoints: 'yes', checkpointMs: 60_000, logMarginMs: 900_000 })
  t.match(loadCheckpointConfig({ MURMUR_CHECKPOINTS: 'no', MURMUR_LOG_MARGIN_MS: '5000' }), {
    checkpoints: 'no',
    logMarginMs: 5000,
  })
  t.throws(() => loadCheckpointConfig({ MURMUR_CHECKPOINTS: 'maybe' }), { code: 'CONFIG_INVALID' })
  t.throws(() => loadCheckpointConfig({ MURMUR_LOG_MARGIN_MS: '10' }), { code: 'CONFIG_INVALID' })
  t.end()
})
