import t from 'tap'
import {
  eventCount,
  NO_TALLIES,
  withFrame,
} from '../../../../../services/agents/video/tracking/monitor/tallies.ts'

t.test(
  'frames add up: sums, peaks of each class by itself, events of each rule, the newest model',
  async (t) => {
    const one = withFrame(
      NO_TALLIES,
      { persons: 2, vehicles: 0 },
      { detections: 3, model: 'a', rules: ['gate', 'gate'] },
    )
    const two = withFrame(one, { persons: 1, vehicles: 4 }, { detections: 5, model: 'b', rules: ['crowd'] })
    t.strictSame(two, {
      detections: 8,
      peak: { persons: 2, vehicles: 4 },
      sum: { persons: 3, vehicles: 4 },
      events: [
        ['gate', 2],
        ['crowd', 1],
      ],
      model: 'b',
    })
    t.equal(eventCount(two), 3)
    t.equal(eventCount(NO_TALLIES), 0)
    t.strictSame(NO_TALLIES.events, [], 'the empty ones stay empty')
  },
)
