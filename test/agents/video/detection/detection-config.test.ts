import t from 'tap'
import {
  defaultSessions,
  loadDetectionConfig,
} from '../../../../services/agents/video/detection/detection-config.ts'

t.test('networks side by side: one for each core of a small machine, never more than four', async (t) => {
  t.strictSame([1, 2, 3, 4, 5, 8, 64].map(defaultSessions), [1, 2, 2, 3, 4, 4, 4])
})

t.test('what is set goes before', async (t) => {
  t.equal(loadDetectionConfig({ MURMUR_DETECTION_SESSIONS: '3' }).sessions, 3)
  t.equal(loadDetectionConfig({}).sessions, undefined)
  t.throws(() => loadDetectionConfig({ MURMUR_DETECTION_SESSIONS: '0' }), { code: 'CONFIG_INVALID' })
})
