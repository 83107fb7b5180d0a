import t from 'tap'
import { watchRuleSchema } from '#schemas/watch-rule.ts'
import { describeRule } from '../../../../services/console/screens/cameras/rule-words.ts'

const words = (rule: object) => describeRule(watchRuleSchema.parse({ id: 'r', ...rule }))

t.test('rules in words', async (t) => {
  t.equal(words({ kind: 'intrusion', zone: 'gate' }), 'persons or vehicles enter gate')
  t.equal(words({ kind: 'crowd', minCount: 4 }), '4 persons or more in the picture for 2.0 s')
  t.equal(words({ kind: 'loitering', zone: 'door' }), 'persons stay in door for 10 s')
  t.equal(
    words({ kind: 'line-crossing', line: 'exit', direction: 'left-to-right', classes: ['vehicle'] }),
    'vehicles cross exit from left to right',
  )
  t.equal(words({ kind: 'camera-offline' }), 'no picture for 5.0 s')
  t.equal(
    words({
      kind: 'intrusion',
      zone: 'gate',
      classes: ['person'],
      schedule: { days: ['sat', 'sun'], from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' },
    }),
    'persons enter gate, sat sun 22:00–06:00 Europe/Berlin',
  )
})
